/** Where files are kept that stand in no table, each under a name of ours. Whatever fails is thrown, and can be tried again. */
export interface ObjectStore {
  /** Keeps a file for good, under a name that none has borne. What fails midway may leave a part of it, under the same name. */
  put(name: string, bytes: Buffer, contentType: string): Promise<void>
  /** The bytes of a file; null where there is none. */
  read(name: string): Promise<Buffer | null>
  /** Removes a file, and is content where there is none. */
  remove(name: string): Promise<void>
}
