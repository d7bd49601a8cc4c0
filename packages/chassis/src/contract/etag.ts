import { invalidInput, Problem } from '../core/index.ts'

/** Returns the strong entity tag of a version (RFC 9110, section 8.8.3): the number in quotes. */
export const etagOf = (version: number): string => `"${version}"`

/**
 * Returns the version that a change expects, from its `If-Match` header (RFC 9110, section 13.1.1). Throws a 428 without the header (RFC
 * 6585, section 3). Throws a 400 for `*`, a list, a weak tag or any other text that does not name one version.
 */
export function expectedVersion(ifMatch: string | undefined): number {
  if (ifMatch === undefined) throw preconditionNeeded()
  const version = Number(/^"([1-9]\d{0,15})"$/.exec(ifMatch)?.[1])
  if (!Number.isSafeInteger(version)) {
    throw invalidInput([{ pointer: '/headers/if-match', detail: 'Must be one ETag, as an answer had it, such as "7"' }])
  }
  return version
}

/** 428: the change does not say which version its caller read. */
export const preconditionNeeded = () =>
  new Problem(428, 'precondition-required', 'The change must name the version that you read', {
    detail: 'Send the ETag that you read as If-Match'
  })

/** 412: the change expects a version other than the current one, `version`. */
export const preconditionFailed = (version: number) =>
  new Problem(412, 'precondition-failed', 'The resource has changed since you read it', {
    detail: `Its version is now ${version}`
  })

/**
 * Returns whether a reader already has `version`, so that a 304 is enough: its `If-None-Match` header is `*`, or a list with the tag of the
 * version, weak or strong (RFC 9110, section 13.1.2).
 */
export function notModified(ifNoneMatch: string | undefined, version: number): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some(tag => tag.trim().replace(/^W\//, '') === etagOf(version))
}
