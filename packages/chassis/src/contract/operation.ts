import * as z from 'zod'

/** The default of `bodyLimit`, in bytes. */
export const BODY_LIMIT = 64 * 1024

/** A group of callers: anyone, people with a role, one service by its name, or any service (`service:*`). */
export type Audience = 'public' | 'customer' | 'staff' | `service:${string}`

type Shape = z.ZodObject

/** The successful answers, by status. `body` is null for an answer without a body. */
export type Answers = Record<number, { description: string; body: z.ZodType | null }>

/** The media type of a file, and its maximum size in bytes. */
export type Upload = { type: `${string}/${string}`; limit: number }

/** An operation of a service's API. Its validation, types, OpenAPI entry, access check and metrics label all come from here. */
export type Operation<
  P extends Shape = Shape,
  Q extends Shape = Shape,
  B extends z.ZodType = z.ZodType,
  A extends Answers = Answers
> = {
  /** Unique in the service, in camel case. It is also the metrics label. */
  id: string
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** An OpenAPI path such as `/products/{id}`. */
  path: `/${string}`
  summary: string
  callers: [Audience, ...Audience[]]
  params?: P
  /** A request may have each parameter at most once. So a list is one text with commas, see `idList`. */
  query?: Q
  /** The JSON body. For a PATCH, it is a merge patch (RFC 7396). */
  body?: B
  /** The JSON body that the API reference shows and sends by default. */
  example?: z.input<NoInfer<B>>
  /** Maximum size of the JSON body, in bytes; `BODY_LIMIT` by default. */
  bodyLimit?: number
  /**
   * The rate limit of one client in the API layer: `calls` at once, and then as many in each period of `seconds`. A client is an account;
   * all guests of one network (an IPv4 address or an IPv6 /64) together are one client.
   */
  perClient?: { calls: number; seconds: number }
  /** The operation changes a version that its caller read, and requires it as `If-Match`. */
  guarded?: boolean
  /** The operation does its work once for each `Idempotency-Key`. With `required`, a request without a key gets a 400. */
  keyed?: boolean | 'required'
  /** The owner of the keys of a `keyed` operation: each caller (the default), or the resource in the path, which then stores them. */
  keysOf?: 'caller' | 'resource'
  /** The operation accepts a file instead of a JSON body. Its handler reads the file as it arrives. */
  upload?: Upload
  /** The operation answers 200 with a stream of events. The answer's schema is the schema of one event's data. */
  stream?: boolean
  /** The request headers, in lower case, that the operation reads in addition to those of the chassis. The API layer forwards no others. */
  headers?: string[]
  /** The one cookie that the operation reads. */
  cookie?: string
  answers: A
}

/**
 * Defines an operation. The types of its input and its answers are inferred from its schemas. Throws an Error if a field of a PATCH's body
 * has a default, because a request without the field would overwrite the stored value.
 */
export function operation<P extends Shape, Q extends Shape, B extends z.ZodType, A extends Answers>(
  definition: Operation<P, Q, B, A>
): Operation<P, Q, B, A> {
  const { id, method, body } = definition
  if (method === 'patch' && body instanceof z.ZodObject) {
    const field = Object.keys(body.shape).find(name => hasDefault(body.shape[name]))
    if (field)
      throw new Error(`The field ${field} of the PATCH ${id} has a default, which would overwrite stored values`)
  }
  return definition
}

function hasDefault(schema: unknown): boolean {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return true
  return (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) && hasDefault(schema.def.innerType)
}

/** Returns whether the operation creates a resource whose path is the operation's path and an ID: a POST that answers 201 with an `id`. */
export function isCreation({ method, answers }: Operation): boolean {
  const body = answers[201]?.body
  return method === 'post' && body instanceof z.ZodObject && Object.hasOwn(body.shape, 'id')
}
