/**
 * Why a provider has not taken a message. `temporary`: it may take it later. `permanent`: it never will. `recipient`: it never will,
 * because there is nobody at that address.
 */
export type FailureKind = 'temporary' | 'permanent' | 'recipient'

/** A message was not taken, or nobody knows whether it was. */
export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure'

  constructor(
    readonly kind: FailureKind,
    /** What was answered, by its codes: providers repeat addresses in their words. */
    readonly response: string,
    /** Until when the provider wants to be left alone. */
    readonly resumesAt: Date | null = null,
  ) {
    super(`A message was not taken (${response}).`)
  }
}
