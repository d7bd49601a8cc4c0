import type { Caller } from '@bulkhead/chassis/caller'
import { etagOf, notModified } from '@bulkhead/chassis/etag'
import type { Answer } from '@bulkhead/chassis/routes'

/** An aggregate with its version as ETag. */
export const shown = (status: number, body: { version: number }): Answer => ({
  status,
  body,
  headers: { ETag: etagOf(body.version) }
})

/** The same, or a 304 for who has this version, as `If-None-Match` says; `show` is called only where there is a body. */
export const shownUnlessKnown = <T extends { version: number }>(
  ifNoneMatch: string | undefined,
  aggregate: T,
  show: (aggregate: T) => { version: number }
): Answer =>
  notModified(ifNoneMatch, aggregate.version)
    ? { status: 304, headers: { ETag: etagOf(aggregate.version) } }
    : shown(200, show(aggregate))

export const isStaff = (caller: Caller) => caller.kind === 'person' && caller.roles.includes('staff')
