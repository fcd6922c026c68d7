import { DeliveryFailure } from '../../core/delivery-failure'
import { HOUR, SECOND, type Clock } from '../../core/clock'
import { COME_AGAIN, resumptionOf } from '../../core/retry'
import type { Sms, SmsSender } from '../../core/sms'

/** How long the provider may take to answer, in milliseconds. */
const TO_ANSWER = 20 * SECOND

/** For how long a provider's wish to be left alone is believed at most, in milliseconds. */
const LONGEST_PAUSE = HOUR

/** Too early, too many, and what a provider or a proxy answers that is busy with itself. */
const TEMPORARY = [401, 403, 408, 409, 425, 429]

/** Says that the number is the reason (RFC 9110 §15.5.21); any provider that Portico does not know is put behind an adapter. */
const NUMBER_REFUSED = 422

/**
 * Hands text messages to a provider by HTTP: a POST of `{ "to", "from", "text" }` with a bearer token. The header `Idempotency-Key` is
 * the same at every try, so that whoever gets a message twice sends it once.
 */
export class HttpSmsSender implements SmsSender {
  readonly isInstant = false

  constructor(
    private readonly provider: { url: string; token: string; from: string },
    private readonly clock: Clock,
  ) {}

  async send({ to, text, deliveryId }: Sms): Promise<void> {
    const { url, token, from } = this.provider
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': deliveryId,
      },
      body: JSON.stringify({ to, from, text }),
      // A message and a token go where the operator has said, and nowhere else.
      redirect: 'manual',
      signal: AbortSignal.timeout(TO_ANSWER),
    }).catch((error: Error & { cause?: { code?: string } }) => {
      throw new DeliveryFailure('temporary', error.cause?.code ?? error.name)
    })
    // What it says repeats the number, and is of no interest.
    await response.body?.cancel().catch(() => undefined)
    const { status, ok } = response
    if (ok) return
    const resumesAt = COME_AGAIN.includes(status)
      ? resumptionOf(response.headers.get('retry-after'), this.clock.now(), LONGEST_PAUSE)
      : null
    throw new DeliveryFailure(kindOf(status), String(status), resumesAt)
  }
}

/** A token that is not accepted, or a path that leads elsewhere, is the operator's to put right: nothing is given up for it. */
function kindOf(status: number): 'temporary' | 'permanent' | 'recipient' {
  if (status === NUMBER_REFUSED) return 'recipient'
  return status >= 500 || status < 400 || TEMPORARY.includes(status) ? 'temporary' : 'permanent'
}
