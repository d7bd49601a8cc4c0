import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'

/** One event of a stream. `id` is for readers that reconnect: they send the last ID that they have received. `data` is sent as JSON. */
export type ServerSentEvent = { id?: string; data: unknown }

/** How long (ms) a reader waits before it reconnects. */
const RETRY_MS = 1_000
/** How often (ms) a comment is sent, which keeps a quiet connection open. */
const HEARTBEAT_MS = 15_000

/**
 * Answers with events as they arrive (server-sent events, WHATWG HTML, section 9.2). Resolves when `events` ends or the reader leaves. When
 * the reader leaves, the iteration of `events` ends at its next `yield`, so it must yield every few seconds. Readers reconnect by
 * themselves.
 */
export async function sendEvents(response: Response, events: AsyncIterable<ServerSentEvent>): Promise<void> {
  response.status(200).set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS)
  try {
    await pipeline(Readable.from(linesOf(events)), response)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  } finally {
    clearInterval(heartbeat)
  }
}

async function* linesOf(events: AsyncIterable<ServerSentEvent>) {
  yield `retry: ${RETRY_MS}\n\n`
  for await (const { id, data } of events)
    yield `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}
