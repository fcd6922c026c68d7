/** What V8 writes into a `.cpuprofile`, as far as it is read here. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  /** Microseconds from each sample to the one before it. */
  timeDeltas: number[]
}

export interface Cost {
  name: string
  /** Of the time in which the process did something, between 0 and 1. */
  share: number
}

/** V8's names for waiting, and for the profiler itself. */
const NOT_WORK = ['(idle)', 'dispatch']

type Frame = CpuProfile['nodes'][number]['callFrame']

/** The functions, and the packages, that took most time themselves, without what they called. */
export function dearest(profile: CpuProfile, count: number): { functions: Cost[]; packages: Cost[] } {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map<Frame, number>()
  profile.samples.forEach((id, index) => {
    const frame = frames.get(id)!
    if (!NOT_WORK.includes(frame.functionName))
      times.set(frame, (times.get(frame) ?? 0) + profile.timeDeltas[index]!)
  })
  const rank = (nameOf: (frame: Frame) => string): Cost[] => {
    const sums = new Map<string, number>()
    for (const [frame, time] of times) sums.set(nameOf(frame), (sums.get(nameOf(frame)) ?? 0) + time)
    const busy = [...sums.values()].reduce((sum, time) => sum + time, 0)
    return [...sums]
      .map(([name, time]) => ({ name, share: time / busy }))
      .sort((a, b) => b.share - a.share)
      .slice(0, count)
  }
  return { functions: rank(functionOf), packages: rank(packageOf) }
}

/** The npm package, the folder of ours, `node`, or what V8 calls its own work. */
function packageOf({ functionName, url }: Frame): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native code of V8 and Node'
  if (url.startsWith('node:')) return 'node'
  const [, inside] = url.split(/\/node_modules\/(?!.*\/node_modules\/)/)
  if (inside) return inside.split('/', inside.startsWith('@') ? 2 : 1).join('/')
  return /\/dist\/(src\/[^/]+)/.exec(url)?.[1] ?? url
}

function functionOf(frame: Frame): string {
  const { functionName, url, lineNumber } = frame
  if (url === '') return functionName || '(anonymous native)'
  const file = url.startsWith('node:')
    ? url
    : (/\/dist\/(src\/.*)\.js$/.exec(url)?.[1] ?? `${packageOf(frame)}: ${url.split('/').at(-1)}`)
  return `${functionName || `(anonymous, line ${lineNumber + 1})`} – ${file}`
}
