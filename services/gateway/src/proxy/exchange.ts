import { ConnectionFailed, defaultLimits, isRejection, TimedOut, traceAttempt } from '@bulkhead/chassis/client'
import { bodyTooSlow, type Clock, type Context, Problem, unavailable } from '@bulkhead/chassis/core'
import type { Request, Response } from 'express'
import type { Dispatcher } from 'undici'
import { clientOf } from '../limits/clients.ts'
import type { Route } from '../routing/route-table.ts'
import type { Body } from './body.ts'
import { type BegunAnswer, forward } from './forwarding.ts'
import { headersOf } from './headers.ts'
import { connectionOf, type Target } from './targets.ts'
import { isRead, type ProxyTimes, usualTime } from './times.ts'

const OPEN_SECONDS = Math.ceil(defaultLimits.breaker.halfOpenAfter / 1000)
/** If the caller's deadline leaves less than this part of the usual time, a time-out does not count as a failure of the service. */
const SHORT_PART = 0.9

type Exchange = { request: Request; response: Response; route: Route; context: Context; body: Body }

/**
 * Makes the function that sends one request to its service and passes the answer back, within the limits of the target and of the client.
 */
export function exchanges(times: ProxyTimes, clock: Clock) {
  return async (target: Target, { request, response, route, context, body }: Exchange): Promise<void> => {
    if (response.destroyed) return // The client disconnected while its limits were checked, so there will be no 'close' event.
    const usual = usualTime(times, request.method, route)
    const isLong = route.streams || body.upload !== undefined
    const milliseconds = isLong ? usual : Math.max(1, Math.min(usual, context.deadline - clock.now().getTime()))
    const isCutShort = milliseconds < SHORT_PART * usual
    const ended = new AbortController()
    const timeOut = () => (isStillSent(request, body) ? bodyTooSlow() : new TimedOut(milliseconds, isCutShort))
    const timer = setTimeout(() => ended.abort(timeOut()), milliseconds)
    const closed = Promise.withResolvers<void>()
    response.once('close', () => {
      closed.resolve()
      clearTimeout(timer)
      if (!response.writableFinished) ended.abort(new Error('The client is gone'))
    })
    const headers = headersOf(request, context, route, isLong ? undefined : milliseconds)
    const sending = {
      request: {
        method: request.method as Dispatcher.HttpMethod,
        path: target.base + request.url.slice(target.prefix.length),
        headers,
        body: body.bytes ?? body.upload ?? null
      },
      response,
      signal: ended.signal,
      bodyFailure: body.failure
    }
    const { pool, guarded, places } = connectionOf(target, route)
    const send = async (traceparent: string) => {
      headers.traceparent = traceparent
      const begun = await forward(pool, sending)
      if (route.streams) return withoutEnd(begun)
      clearTimeout(timer)
      limitReading(response, times)
      return begun
    }
    const name = `${route.service}.${route.id}`
    const attempt = (resends: number) => {
      const traced = { name, method: request.method, base: target.url, path: sending.request.path, resends }
      return traceAttempt(traced, context.traceparent, traceparent =>
        guarded.run(route.id, ended.signal, () => send(traceparent))
      )
    }
    const attemptTwice = async () => {
      target.budget.addCall()
      await attempt(0).catch(error => {
        if (body.upload || !mayRepeat(request.method, error) || !target.budget.takeRetry()) throw error
        target.countRetry(route.id)
        return attempt(1)
      })
      await closed.promise
    }
    try {
      await places(clientOf(request, context.caller), ended.signal, attemptTwice)
    } catch (error) {
      if (!response.destroyed) throw body.failure() ?? problemOf(error, route.service)
    }
  }
}

/**
 * Removes the end of a stream from the result, because the circuit counts only the start: the end does not show whether the service works.
 */
function withoutEnd({ status, whole }: BegunAnswer) {
  whole.catch(() => undefined) // `forward` has already broken off the client's connection.
  return { status }
}

/** Breaks off an answer that takes too long. Node's time-out of a connection does not notice when one large write is read slowly. */
function limitReading(response: Response, { stall, answer }: ProxyTimes) {
  if (response.destroyed) return // A short answer may have ended already.
  response.setTimeout(stall, () => response.destroy())
  const timer = setTimeout(() => response.destroy(), answer)
  response.once('close', () => clearTimeout(timer))
}

const isStillSent = (request: Request, { upload }: Body) => upload !== undefined && !request.complete

/** Returns true if a request may be sent again, because it is a read or was never sent. */
const mayRepeat = (method: string, error: unknown) =>
  error instanceof ConnectionFailed && (isRead(method) || (error.cause as { code?: string }).code === 'ECONNREFUSED')

function problemOf(error: unknown, service: string) {
  if (error instanceof TimedOut) {
    return new Problem(504, 'timed-out', 'No answer in time', { detail: `${service} did not answer`, cause: error })
  }
  if (isRejection(error)) return unavailable(service, OPEN_SECONDS, error)
  return error instanceof ConnectionFailed ? unavailable(service, 1, error) : error
}
