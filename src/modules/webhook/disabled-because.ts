/** Why Portico has disabled an endpoint by itself. */
export enum DisabledBecause {
  FAILING = 'failing',
  GONE = 'gone',
}
