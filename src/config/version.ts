import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The version of this Portico, as its package says. */
export function packageVersion(folder = __dirname): string {
  const file = join(folder, 'package.json')
  // The sources and what is built of them lie at different depths.
  if (!existsSync(file)) return packageVersion(dirname(folder))
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
