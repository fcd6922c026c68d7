/** The environment of production as far as one machine can have it: behind a proxy that ends TLS, which is the test itself. */
export const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://portico.example.com',
  TRUSTED_PROXIES: '127.0.0.1',
  SMTP_URL: 'smtp://127.0.0.1:9',
}
