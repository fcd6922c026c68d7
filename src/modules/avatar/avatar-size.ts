/** How large a picture is, as clients ask for it. */
export enum AvatarSize {
  SMALL = 'SMALL',
  MEDIUM = 'MEDIUM',
  LARGE = 'LARGE',
}

/** The sides of the squares that are kept of each, in pixels. */
export const PIXELS: Readonly<Record<AvatarSize, number>> = {
  [AvatarSize.SMALL]: 64,
  [AvatarSize.MEDIUM]: 256,
  [AvatarSize.LARGE]: 512,
}

export const AVATAR_SIZES = Object.values(AvatarSize)

/** What all pictures are kept as. */
export const AVATAR_TYPE = 'image/webp'

/** Under which name a picture is kept. */
export const objectName = (fileKey: string, size: AvatarSize): string => `${fileKey}-${PIXELS[size]}.webp`

const NAME = /^([0-9a-f]{32})-(\d{2,3})\.webp$/

/** Which picture a name means; null where it means none. */
export function parseObjectName(name: string): { fileKey: string; size: AvatarSize } | null {
  const [, fileKey, pixels] = NAME.exec(name) ?? []
  const size = AVATAR_SIZES.find((one) => String(PIXELS[one]) === pixels)
  return fileKey !== undefined && size !== undefined ? { fileKey, size } : null
}
