import { invalidInput, Problem } from '../core/index.ts'

/** The strong entity tag of a version (RFC 9110, section 8.8.3): the number in quotes. */
export const etagOf = (version: number): string => `"${version}"`

/**
 * The version that a change expects, from the header `If-Match` (RFC 9110, section 13.1.1). Missing, it is a 428 (RFC 6585,
 * section 3); anything but one tag of ours, such as `*`, a list or a weak tag, is a 400: none of them names one version.
 */
export function expectedVersion(ifMatch: string | undefined): number {
  if (ifMatch === undefined) throw preconditionNeeded()
  const version = Number(/^"([1-9]\d{0,15})"$/.exec(ifMatch)?.[1])
  if (!Number.isSafeInteger(version)) {
    throw invalidInput([{ pointer: '/headers/if-match', detail: 'Must be one ETag as it was sent, such as "7"' }])
  }
  return version
}

/** 428: a change says of no version that it was read. */
export const preconditionNeeded = () =>
  new Problem(428, 'precondition-required', 'The version you read is needed', {
    detail: 'Send the ETag of what you read as If-Match'
  })

/** 412: `version`, the current one, is not the one that the change expects. */
export const preconditionFailed = (version: number) =>
  new Problem(412, 'precondition-failed', 'It was changed since you read it', { detail: `It is at version ${version}` })

/**
 * Whether a reader with the header `If-None-Match` has `version` already, so that a 304 is enough: `*`, or a list with its
 * tag, weak or strong (RFC 9110, section 13.1.2). What is not a tag of ours matches nothing.
 */
export function notModified(ifNoneMatch: string | undefined, version: number): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some(tag => tag.trim().replace(/^W\//, '') === etagOf(version))
}
