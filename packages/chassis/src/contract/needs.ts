import type { ZodType, z } from 'zod'

/** An operation of another service that a service calls: its input, and only those fields of its answer that are read. */
export type Need = {
  /** The operation's ID in its owner's OpenAPI document. */
  operation: string
  method: 'get' | 'put' | 'post' | 'patch' | 'delete'
  /** The path template below the target's URL, such as `/products/{id}`. */
  path: string
  params?: ZodType
  query?: ZodType
  body?: ZodType
  /** Headers by their names in lower case. A request with `idempotency-key` is retried like an idempotent method. */
  headers?: ZodType
  /** The operation changes nothing, whatever its method (RFC 9110, section 9.2.1), so it is retried like a GET. */
  isSafe?: boolean
  /** The fields of the answer that are read. For an answer without a body, the schema parses `undefined`. */
  reads: ZodType
}

type Part = 'params' | 'query' | 'body' | 'headers'

/** The input of a call: the parts that the need names. */
export type InputOf<N extends Need> = {
  [P in Part as N[P] extends ZodType ? P : never]: N[P] extends ZodType ? z.input<N[P]> : never
}

/** The answer to a call: the fields that the need reads. */
export type AnswerOf<N extends Need> = z.output<N['reads']>

/** All needs of one target, a service. */
export type Needs<Operations extends Record<string, Need> = Record<string, Need>, Target extends string = string> = {
  target: Target
  operations: Operations
  /** The service can run without this target. Then the target's address is not set. */
  isOptional?: boolean
}

/** Defines one need, with its types inferred. */
export const defineNeed = <const N extends Need>(need: N): N => need

/** Groups the needs of `target`, a service's name. The keys become the functions of its client. */
export const needs = <const Target extends string, Operations extends Record<string, Need>>(
  target: Target,
  operations: Operations
): Needs<Operations, Target> => ({ target, operations })

/** Groups needs like `needs`, for an optional target. The client of the target is undefined if the target's address is not set. */
export const optionalNeeds = <const Target extends string, Operations extends Record<string, Need>>(
  target: Target,
  operations: Operations
): Needs<Operations, Target> & { isOptional: true } => ({ target, operations, isOptional: true })
