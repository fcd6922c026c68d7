import { Webhook } from 'standardwebhooks'

/** What a message of Portico's says, if it is one: throws, or returns it. Take each `webhook-id` once, and answer 2xx when you have it. */
export function webhookVerifier(secret: string) {
  const webhook = new Webhook(secret)
  return (body: string, headers: Record<string, string>) => webhook.verify(body, headers)
}
