import * as z from 'zod'
import { preconditionFailed, preconditionNeeded } from './etag.ts'
import { keyReused, madeAndRemoved } from './idempotency.ts'
import { BODY_LIMIT, type Operation } from './operation.ts'
import * as problem from './problem.ts'

/** A problem's document (RFC 9457). */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().optional(),
  instance: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional()
})

/** Problems that operations have by what they take: one of each, and when it comes. Those of its rules are an operation's `default`. */
const problems: [problem.Problem, string][] = [
  [
    problem.invalidInput([{ pointer: '/body', detail: 'A body is needed' }]),
    'The request is not valid: `errors` names each place'
  ],
  [problem.tokenNeeded(), 'The token, or what else says who the caller is, is missing or not valid'],
  [problem.forbidden('This operation is for: staff'), 'The caller is not among those who may'],
  [problem.notFound(), 'It is not there, or not for this caller'],
  [problem.bodyTooSlow(), 'The body did not come in time'],
  [madeAndRemoved(), 'It conflicts with what is there, or was'],
  [preconditionFailed(2), 'It was changed since it was read'],
  [problem.tooLarge(BODY_LIMIT), 'The body is too large'],
  [problem.unsupportedMediaType('text/csv'), 'The body is of another media type'],
  [keyReused(), 'The Idempotency-Key came with another request before, or a rule forbids it'],
  [preconditionNeeded(), 'There is no If-Match'],
  [problem.unavailable('The store'), 'Something that it needs is away: again after `Retry-After` seconds']
]

const response = (description: string, example?: object) => ({
  description,
  content: {
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, ...(example && { example }) }
  }
})

/** The answer of an operation to what is not told otherwise. */
export const anyProblem = response('A problem (RFC 9457)')

/** By status, for the document's components. */
export const problemResponses = Object.fromEntries(
  problems.map(([one, when]) => [one.status, response(when, one.toDocument('/the/path/asked/for'))])
)

/** By status, references to those of `problemResponses` that an operation has. */
export function problemsOf({ callers, params, query, body, upload, guarded, keyed }: Operation) {
  const statuses = [
    ...(params || query || body || guarded || keyed ? [400] : []),
    ...(callers.includes('public') ? [401] : [401, 403]),
    ...(params ? [404] : []),
    ...(body ? [408, 413] : []),
    ...(guarded ? [412, 428] : []),
    ...(upload ? [413, 415] : []),
    ...(keyed ? [409, 422] : []),
    503
  ]
  return Object.fromEntries(statuses.map(status => [status, { $ref: `#/components/responses/${status}` }]))
}
