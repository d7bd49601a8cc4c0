/** An edit of a source file. The file must contain the text `find` exactly once. */
export type Edit = { file: string; find: string; replace: string }

/**
 * The expand step of an upgrade. Every written document gets `touchedAt` and a higher `schemaVersion`, every event gets `previousVersion`.
 * The release still reads documents and events of earlier releases.
 */
export const expand: Edit[] = [
  // For every aggregate in MongoDB
  {
    file: 'packages/chassis/src/mongo/aggregates.ts',
    find: 'const { db, schemaVersion, outbox, clock, cap = 32 } = options',
    replace: 'const { db, outbox, clock, cap = 32 } = options\n  const schemaVersion = options.schemaVersion + 1'
  },
  {
    file: 'packages/chassis/src/mongo/aggregates.ts',
    find: '$set: { ...fields?.$set, version, schemaVersion },',
    replace: '$set: { ...fields?.$set, version, schemaVersion, touchedAt: clock.now() },'
  },
  {
    file: 'packages/chassis/src/mongo/aggregate-document.ts',
    find: '{ ...fields, _id: id, version: 1, schemaVersion }',
    replace: '{ ...fields, _id: id, version: 1, schemaVersion, touchedAt: new Date() }'
  },
  {
    file: 'packages/chassis/src/mongo/aggregate-document.ts',
    find: 'const { _id, schemaVersion, outbox, madeBy, removedAt, ...fields } = document',
    replace: 'const { _id, schemaVersion, outbox, madeBy, removedAt, touchedAt, ...fields } = document'
  },
  // For every event, in the outboxes of MongoDB and of Redis
  {
    file: 'packages/chassis/src/contract/events.ts',
    find: 'data: { version: event.version }',
    replace: 'data: { version: event.version, previousVersion: event.version - 1 }'
  },
  {
    file: 'packages/chassis/src/contract/events.ts',
    find: 'z.object({ version: z.int().min(1) })',
    replace: 'z.object({ version: z.int().min(1), previousVersion: z.int().min(0).optional() })'
  },
  // For documents that are not aggregates
  {
    file: 'services/inventory/src/reservations/lifecycle.ts',
    find: 'schemaVersion: 1,',
    replace: 'schemaVersion: 2, touchedAt: clock.now(),'
  },
  {
    file: 'services/inventory/src/stock/store.ts',
    find: 'schemaVersion: 1,',
    replace: 'schemaVersion: 2, touchedAt: new Date(),'
  },
  {
    file: 'services/cart/src/carts/scripts.ts',
    find: "redis.call('HSET', CART, 'version', version, 'updatedAt', NOW)",
    replace: "redis.call('HSET', CART, 'version', version, 'updatedAt', NOW, 'touchedAt', NOW)"
  },
  {
    file: 'services/cart/src/carts/scripts.ts',
    find: "'createdAt', NOW, 'updatedAt', NOW)",
    replace: "'createdAt', NOW, 'updatedAt', NOW, 'touchedAt', NOW)"
  },
  {
    file: 'services/gateway/src/routing/contract-cache.ts',
    find: 'JSON.stringify({ digest, provides })',
    replace: 'JSON.stringify({ digest, provides, touchedAt: new Date() })'
  },
  {
    file: 'services/sandbox/src/payment-methods/routes.ts',
    find: 'behaviour: behaviourOf(body.number) }',
    replace: 'behaviour: behaviourOf(body.number), touchedAt: clock.now() }'
  },
  {
    file: 'services/sandbox/src/payments/store.ts',
    find: 'changedAt: clock.now().toISOString() }',
    replace: 'changedAt: clock.now().toISOString(), touchedAt: clock.now() }'
  }
]
