import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { flushFolder } from '../../core/finished-file'
import type { ObjectStore } from '../../core/object-store'

/** Keeps files in a folder, which all processes have to share. */
export class FolderStore implements ObjectStore {
  constructor(private readonly folder: string) {}

  async put(name: string, bytes: Buffer): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    await writeFile(join(this.folder, name), bytes, { flag: 'wx', mode: 0o600, flush: true })
    await flushFolder(this.folder)
  }

  async read(name: string): Promise<Buffer | null> {
    try {
      return await readFile(join(this.folder, name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.folder, name), { force: true })
  }
}
