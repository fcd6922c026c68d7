import type { Config } from '../../config/config'
import type { ObjectStore } from '../../core/object-store'
import { FolderStore } from './folder-store'
import { S3Store } from './s3-store'

/** Where the configuration says that avatars are kept. */
export const openAvatarStore = ({ avatars }: Pick<Config, 'avatars'>): ObjectStore =>
  'bucket' in avatars ? new S3Store(avatars.bucket) : new FolderStore(avatars.folder)
