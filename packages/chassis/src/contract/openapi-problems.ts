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

/** The schema of a problem's document (RFC 9457). */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().optional(),
  instance: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional()
})

/**
 * The problems that follow from an operation's input: an example of each, and when it is the answer. Other problems are under `default`.
 */
const problems: [Problem, string][] = [
  [
    invalidInput([{ pointer: '/body', detail: 'A body is needed' }]),
    'The request is not valid: `errors` names each place'
  ],
  [tokenNeeded(), 'The token, or another proof of who calls, is missing or not valid'],
  [forbidden('This operation is for: staff'), 'The operation is not for this caller'],
  [notFound(), 'The resource does not exist, or this caller may not see it'],
  [bodyTooSlow(), 'The body did not arrive in time'],
  [madeAndRemoved(), 'The request conflicts with something that exists or existed'],
  [preconditionFailed(2), 'The resource has changed since it was read'],
  [tooLarge(BODY_LIMIT), 'The body is too large'],
  [unsupportedMediaType('text/csv'), 'The media type of the body is not supported'],
  [keyReused(), 'The Idempotency-Key was used for another request, or a rule forbids this one'],
  [preconditionNeeded(), 'The header If-Match is missing'],
  [
    tooManyRequests('At most 60 calls of orders.placeOrder in 60 seconds from one client', 1),
    'The client calls the operation too often: try again after `Retry-After` seconds'
  ],
  [
    unavailable('The store'),
    'Something that the operation needs is not available: try again after `Retry-After` seconds'
  ]
]

const response = (description: string, example?: object) => ({
  description,
  content: {
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, example }
  }
})

/** The response for problems that an operation does not list. */
export const anyProblem = response('A problem (RFC 9457)')

/** The responses of `problems` by status, for the document's components. */
export const problemResponses = Object.fromEntries(
  problems.map(([problem, description]) => [
    problem.status,
    response(description, problem.toDocument('/the/path/of/the/request'))
  ])
)

/** References to the `problemResponses` that an operation has, by status. */
export function problemsOf({ callers, params, query, body, upload, guarded, keyed, perClient }: Operation) {
  const statuses = [401, 503]
  if (params || query || body || guarded || keyed) statuses.push(400)
  if (!callers.includes('public')) statuses.push(403)
  if (params) statuses.push(404)
  if (body) statuses.push(408, 413)
  if (guarded) statuses.push(412, 428)
  if (upload) statuses.push(413, 415)
  if (keyed) statuses.push(409, 422)
  if (perClient) statuses.push(429)
  return Object.fromEntries(statuses.map(status => [status, { $ref: `#/components/responses/${status}` }]))
}
