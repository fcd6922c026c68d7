import {
  closeSync,
  existsSync,
  fchmodSync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import type { Refusal } from '../../modules/import/import-accounts'
import type { Entry } from './read/entry'

/** What the report says of a refused entry, one line of JSON each. */
export type RefusedEntry = Entry['place'] & {
  username: string | null
  email: string | null
  problems: readonly Refusal[]
}

/**
 * The file that names everybody who was refused, and why. It is personal data, so only its owner may read it. It is
 * written ahead of each commit, from where the last one left it: what a killed process wrote too much is overwritten.
 */
export class Report {
  private handle: number | null = null
  /** The bytes of a former run's report that are elsewhere. */
  private readonly elsewhere: number

  /** Cuts the file to the length (bytes) that is committed; one of no length is not there at all. */
  constructor(
    readonly file: string,
    length: number,
  ) {
    const there = existsSync(file) ? statSync(file).size : 0
    this.elsewhere = there < length ? length : 0
    if (length === this.elsewhere) rmSync(file, { force: true })
    else ftruncateSync(this.open(), length)
  }

  /** Writes entries behind the first `length` bytes of the whole report. Returns its new length. */
  write(length: number, entries: readonly RefusedEntry[]): number {
    if (entries.length === 0) return length
    const bytes = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    const handle = this.open()
    const start = length - this.elsewhere
    ftruncateSync(handle, start)
    for (let written = 0; written < bytes.length;)
      written += writeSync(handle, bytes, written, bytes.length - written, start + written)
    fdatasyncSync(handle)
    return length + bytes.length
  }

  close(): void {
    if (this.handle !== null) closeSync(this.handle)
    this.handle = null
  }

  private open(): number {
    if (this.handle === null) {
      this.handle = openSync(this.file, existsSync(this.file) ? 'r+' : 'wx+', 0o600)
      fchmodSync(this.handle, 0o600)
    }
    return this.handle
  }
}
