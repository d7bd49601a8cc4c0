/**
 * The keys of all attributes that spans may have, from OpenTelemetry's semantic conventions. `tracing.test.ts` compares them with the
 * package of the conventions, which is not bundled. The values never contain secrets or personal data: no query, no body, no text of an
 * error.
 */
export const SPAN_ATTRIBUTES = [
  'http.request.method',
  'http.request.header.x-request-id',
  'http.request.resend_count',
  'http.response.header.location',
  'http.response.status_code',
  'http.route',
  'url.full',
  'url.path',
  'url.scheme',
  'server.address',
  'server.port',
  'error.type',
  'db.system.name',
  'db.namespace',
  'db.collection.name',
  'db.operation.name',
  'db.stored_procedure.name',
  'messaging.system',
  'messaging.operation.name',
  'messaging.operation.type',
  'messaging.destination.name',
  'messaging.consumer.group.name',
  'messaging.message.id',
  'cloudevents.event_type',
  'cloudevents.event_subject'
] as const

/** The attributes of a span. An attribute without a value is left out. */
export type SpanAttributes = { [Key in (typeof SPAN_ATTRIBUTES)[number]]?: string | number | string[] | undefined }
