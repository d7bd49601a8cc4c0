import type { ZodType, z } from 'zod'

/** A remote operation that a service uses: how it is asked, and of its answer only the fields that are read. */
export type Need = {
  /** The operation's ID in its owner's OpenAPI document. */
  operation: string
  method: 'get' | 'put' | 'post' | 'patch' | 'delete'
  /** Template below the target's URL, such as `/products/{id}`. */
  path: string
  params?: ZodType
  query?: ZodType
  body?: ZodType
  /** Headers by their names in lower case. One with `idempotency-key` is tried again like those of idempotent methods. */
  headers?: ZodType
  /** The operation changes nothing, whatever its method (RFC 9110, section 9.2.1): it is sent again like a GET. */
  isSafe?: boolean
  /** Of an answer with no body, `undefined` is parsed. */
  reads: ZodType
}

type Part = 'params' | 'query' | 'body' | 'headers'

/** What a call of `N` is given: the parts that it names. */
export type InputOf<N extends Need> = {
  [P in Part as N[P] extends ZodType ? P : never]: N[P] extends ZodType ? z.input<N[P]> : never
}

/** What a call of `N` answers: the fields that it reads. */
export type AnswerOf<N extends Need> = z.output<N['reads']>

/** All that a service needs of one target. */
export type Needs<Operations extends Record<string, Need> = Record<string, Need>, Target extends string = string> = {
  target: Target
  operations: Operations
  /** The service also runs without this target: then its address is not set. */
  isOptional?: boolean
}

/** Names one remote operation. */
export const defineNeed = <const N extends Need>(need: N): N => need

/** Names all that is needed of `target`, a service's name. The keys become the functions of its client. */
export const needs = <const Target extends string, Operations extends Record<string, Need>>(
  target: Target,
  operations: Operations
): Needs<Operations, Target> => ({ target, operations })

/** As `needs`, for a target that the service can run without. Its client is undefined where no address is set. */
export const optionalNeeds = <const Target extends string, Operations extends Record<string, Need>>(
  target: Target,
  operations: Operations
): Needs<Operations, Target> & { isOptional: true } => ({ target, operations, isOptional: true })
