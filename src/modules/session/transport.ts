/** How a client carries its token. */
export enum Transport {
  BEARER = 'bearer',
  COOKIE = 'cookie',
}
