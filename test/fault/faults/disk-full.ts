import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { settle, type Fault } from '../fault'
import { Stage } from '../stage'

/** Of the disk: what a cluster with its log of writes takes, and room for some seconds. */
const MEGABYTES = 400
const MEGABYTE = 1024 * 1024

export const diskFull: Fault = {
  number: 9,
  name: 'disk full',
  how: `the data of PostgreSQL is on a disk of ${MEGABYTES} MB that others fill, and make room on later`,
  obstacle: () =>
    process.platform === 'linux' && process.getuid?.() === 0 ? null : 'mounting a small disk takes root',
  async play(outer) {
    const disk = mkdtempSync(join(tmpdir(), 'portico-disk-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m,mode=0755`, 'tmpfs', disk])
    let stage: Stage | null = null
    try {
      stage = await Stage.build(outer.random, outer.isQuick, disk)
      const portico = await stage.portico()
      const ledger = stage.clients(portico.port)
      await ledger.acknowledges(20)
      const filler = join(disk, 'filler')
      const { bavail, bsize } = statfsSync(disk)
      // What is left is soon written.
      fill(filler, bavail * bsize - 256 * 1024)
      const full = performance.now()
      await sleep(outer.isQuick ? 5_000 : 15_000)
      const during = ledger.asked.filter(({ at }) => at > full)
      rmSync(filler)
      const roomy = performance.now()
      // Where it gave up writing altogether, whoever watches over it starts it again.
      const hasEnded = !(await stage.postgres.accepts())
      if (hasEnded) {
        await stage.postgres.kill()
        await stage.postgres.start()
      }
      const accepts = performance.now()
      const again = await ledger.answersAgain(accepts)
      await ledger.acknowledges(20)
      const figures = await settle(stage, ledger)
      const reads = during.filter(({ what }) => what === 'read')
      return [
        ...figures,
        { name: 'reads answered', value: percentage(reads), unit: '%', atLeast: 100 },
        {
          name: 'writes refused',
          value: during.filter(({ what, attempt }) => what === 'write' && attempt.kind === 'unavailable')
            .length,
          atLeast: 1,
        },
        { name: 'answers 500', value: ledger.count('failed'), atMost: 0 },
        { name: 'PostgreSQL had to be started again', value: hasEnded ? 1 : 0, atMost: 0 },
        { name: 'gap after there is room', value: again - roomy, unit: 'ms' },
        { name: 'starts of Node', value: portico.starts, atMost: 1 },
      ]
    } finally {
      await stage?.strike()
      execFileSync('umount', ['--lazy', disk])
      rmSync(disk, { recursive: true, force: true })
    }
  },
}

const percentage = (asked: readonly { attempt: { kind: string } }[]): number =>
  asked.length === 0
    ? 0
    : (100 * asked.filter(({ attempt }) => attempt.kind === 'done').length) / asked.length

/** Others may take the last of it meanwhile. */
function fill(file: string, bytes: number): void {
  const piece = Buffer.alloc(MEGABYTE)
  try {
    for (let left = bytes; left > 0; left -= MEGABYTE)
      writeFileSync(file, piece.subarray(0, Math.min(left, MEGABYTE)), { flag: 'a' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}
