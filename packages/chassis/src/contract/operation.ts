import * as z from 'zod'

/** Most bytes of a JSON body where an operation does not say otherwise. */
export const BODY_LIMIT = 64 * 1024

/** Who may call an operation: anyone, people by role, a service by name, or any service by `service:*`. */
export type Audience = 'public' | 'customer' | 'staff' | `service:${string}`

type Shape = z.ZodObject

/** By status, what a success answers with; null for no body. */
export type Answers = Record<number, { description: string; body: z.ZodType | null }>

export type Upload = { type: `${string}/${string}`; limit: number }

/** An operation of a service's API: the one source of its validation, types, OpenAPI entry, access and metrics label. */
export type Operation<
  P extends Shape = Shape,
  Q extends Shape = Shape,
  B extends z.ZodType = z.ZodType,
  A extends Answers = Answers
> = {
  /** Unique in the service; camel case; also the metrics label. */
  id: string
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** An OpenAPI path such as `/products/{id}`. */
  path: `/${string}`
  summary: string
  callers: [Audience, ...Audience[]]
  params?: P
  /** A parameter is given once at most: a list is one text with commas, see `idList`. */
  query?: Q
  /** The JSON body; of a PATCH a merge patch (RFC 7396). */
  body?: B
  /** A JSON body that the reference shows, and sends where a reader changes nothing. */
  example?: z.input<NoInfer<B>>
  /** Most bytes of the JSON body; `BODY_LIMIT` by default. */
  bodyLimit?: number
  /**
   * How often one client may call it through the API layer: `calls` at once, and as many again in each `seconds`. A client is an account;
   * all guests of one network (an IPv4 address, an IPv6 /64) are one client.
   */
  perClient?: { calls: number; seconds: number }
  /** It changes what the caller read: `If-Match` is needed and names the version. */
  guarded?: boolean
  /** It does its work once for each `Idempotency-Key`. A caller may go without one or, where it is required, gets a 400. */
  keyed?: boolean | 'required'
  /** Whose the keys of a `keyed` operation are: each caller's own by default, or those of the resource in its path, which keeps them. */
  keysOf?: 'caller' | 'resource'
  /** In place of a JSON body, a file that the handler reads as it comes in: its media type and most bytes. */
  upload?: Upload
  /** It answers 200 with events as they come; the answer's schema is that of one event's data. */
  stream?: boolean
  /** Request headers that it reads beside those of the chassis, in lower case. The API layer lets no others pass. */
  headers?: string[]
  /** The one cookie that it reads. */
  cookie?: string
  answers: A
}

/** Names an operation, with the types of its input and its answers inferred from its schemas. */
export const operation = <P extends Shape, Q extends Shape, B extends z.ZodType, A extends Answers>(
  definition: Operation<P, Q, B, A>
) => definition

/** Whether the operation makes what is then to be found at its own path and an ID: a POST that answers 201 with an `id`. */
export function isCreation({ method, answers }: Operation): boolean {
  const made = answers[201]?.body
  return method === 'post' && made instanceof z.ZodObject && Object.hasOwn(made.shape, 'id')
}
