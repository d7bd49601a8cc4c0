import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'

/** One event of an answer that goes on: its ID, with which a reader that comes back says what it saw last, and its data as JSON. */
export type ServerSentEvent = { id?: string; data: unknown }

/** Milliseconds after which a reader whose stream ended comes back. */
const RETRY = 1_000
/** Milliseconds between two comments, which keep a quiet connection open. */
const BEAT = 15_000

/**
 * Answers with events as they come (server-sent events, WHATWG HTML, section 9.2). Resolves when `events` end or the reader is gone, which
 * ends `events` where they next yield: they must not rest for longer than some seconds. Readers come back by themselves.
 */
export async function sendEvents(response: Response, events: AsyncIterable<ServerSentEvent>) {
  response.status(200).set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  const beat = setInterval(() => response.write(':\n\n'), BEAT)
  try {
    await pipeline(Readable.from(linesOf(events)), response)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  } finally {
    clearInterval(beat)
  }
}

async function* linesOf(events: AsyncIterable<ServerSentEvent>) {
  yield `retry: ${RETRY}\n\n`
  for await (const { id, data } of events)
    yield `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}
