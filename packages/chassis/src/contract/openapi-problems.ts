import * as z from 'zod'
import {
  bodyTooSlow,
  forbidden,
  invalidInput,
  notFound,
  type Problem,
  tokenNeeded,
  tooLarge,
  tooManyRequests,
  unavailable,
  unsupportedMediaType
} from '../core/index.ts'
import { preconditionFailed, preconditionNeeded } from './etag.ts'
import { keyReused, madeAndRemoved } from './idempotency.ts'
import { BODY_LIMIT, type Operation } from './operation.ts'

/** A problem's document (RFC 9457). */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().optional(),
  instance: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional()
})

/** The problems that operations have because of what they take: one of each, and when it comes. Other problems are under `default`. */
const problems: [Problem, string][] = [
  [
    invalidInput([{ pointer: '/body', detail: 'A body is needed' }]),
    'The request is not valid: `errors` names each place'
  ],
  [tokenNeeded(), 'The token, or another proof of who calls, is missing or not valid'],
  [forbidden('This operation is for: staff'), 'The caller may not do this'],
  [notFound(), 'It does not exist, or this caller may not see it'],
  [bodyTooSlow(), 'The body did not arrive in time'],
  [madeAndRemoved(), 'It conflicts with something that exists or existed'],
  [preconditionFailed(2), 'It has changed since it was read'],
  [tooLarge(BODY_LIMIT), 'The body is too large'],
  [unsupportedMediaType('text/csv'), 'The body is of another media type'],
  [keyReused(), 'The Idempotency-Key was used for another request, or a rule forbids this one'],
  [preconditionNeeded(), 'The header If-Match is missing'],
  [
    tooManyRequests('At most 60 calls of orders.placeOrder in 60 seconds from one client', 1),
    'The client calls it too often: try again after `Retry-After` seconds'
  ],
  [unavailable('The store'), 'Something it needs is not available: try again after `Retry-After` seconds']
]

const response = (description: string, example?: object) => ({
  description,
  content: {
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, ...(example && { example }) }
  }
})

/** Any problem that an operation does not list. */
export const anyProblem = response('A problem (RFC 9457)')

/** By status, for the document's components. */
export const problemResponses = Object.fromEntries(
  problems.map(([one, when]) => [one.status, response(when, one.toDocument('/the/path/asked/for'))])
)

/** By status, references to those of `problemResponses` that an operation has. */
export function problemsOf({ callers, params, query, body, upload, guarded, keyed, perClient }: Operation) {
  const statuses = [
    ...(params || query || body || guarded || keyed ? [400] : []),
    ...(callers.includes('public') ? [401] : [401, 403]),
    ...(params ? [404] : []),
    ...(body ? [408, 413] : []),
    ...(guarded ? [412, 428] : []),
    ...(upload ? [413, 415] : []),
    ...(keyed ? [409, 422] : []),
    ...(perClient ? [429] : []),
    503
  ]
  return Object.fromEntries(statuses.map(status => [status, { $ref: `#/components/responses/${status}` }]))
}
