export interface ApiError {
  message: string
  path?: (string | number)[]
  extensions: { code: string } & Record<string, unknown>
}

export interface ApiResponse<Data = Record<string, never>> {
  status: number
  headers: Headers
  data?: Data | null
  errors?: ApiError[]
  extensions?: Record<string, unknown>
}

/* eslint-disable @typescript-eslint/no-explicit-any -- answers are looked into by tests, whose assertions are the types */

/** A plain client of the API: what it sends and receives is what a test looks at. */
export class ApiClient {
  constructor(
    readonly url: string,
    private readonly token?: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  with(headers: Record<string, string>): ApiClient {
    return new ApiClient(this.url, this.token, { ...this.headers, ...headers })
  }

  async send(
    query: string,
    variables?: Record<string, unknown>,
    operationName?: string,
  ): Promise<ApiResponse<any>> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...this.headers,
      },
      body: JSON.stringify({ query, variables, operationName }),
    })
    return { status: response.status, headers: response.headers, ...((await response.json()) as object) }
  }

  /** The data of an operation that must succeed. */
  async data(query: string, variables?: Record<string, unknown>): Promise<any> {
    const response = await this.send(query, variables)
    if (response.errors || !response.data)
      throw new Error(`The operation failed: ${JSON.stringify(response.errors)}`)
    return response.data
  }

  /** The code of the first error of an operation that must fail. */
  async errorCode(query: string, variables?: Record<string, unknown>): Promise<string> {
    const response = await this.send(query, variables)
    const [error] = response.errors ?? []
    if (!error) throw new Error(`The operation did not fail: ${JSON.stringify(response.data)}`)
    return error.extensions.code
  }
}
