import { BulkheadRejectedError, bulkhead } from 'cockatiel'
import { unlessAborted } from '../core/index.ts'
import { type Circuit, circuit } from './circuit.ts'
import { type ClientMetrics, enterQueue } from './client-metrics.ts'
import { type ClientLimits, ConnectionFailed, isGatewayFailure, TimedOut } from './client-policy.ts'

/** An answer that is still coming in has `whole`, which rejects when it breaks off. */
type Attempted = { status: number; whole?: Promise<void> }

/** The limits of one target, see `guard`. */
export type Guard = ReturnType<typeof guard>

/** Part of an attempt's time that it may wait in a queue for its time-out to say something about the target. */
const FAIR_WAIT = 0.1

/**
 * The limits of one target. Its circuit counts broken connections, 502 and 504; the circuit of each operation counts time-outs. So
 * neither a 503 nor a slow operation takes the other operations away.
 */
export function guard(target: string, limits: ClientLimits, metrics: ClientMetrics) {
  const places = bulkhead(limits.concurrency, limits.queue)
  const connections = circuit(limits.breaker, isOpen => metrics.circuitOpen.set({ target }, Number(isOpen)))
  const operations = new Map<string, ReturnType<typeof made>>()
  const mostOpen = limits.concurrency + limits.openAnswers
  let open = 0
  metrics.circuitOpen.set({ target }, 0)
  metrics.queueLength.set({ target }, 0)

  function made(operation: string) {
    const showOpen = (isOpen: boolean) => metrics.circuitOpen.set({ target, operation }, Number(isOpen))
    showOpen(false)
    const share = (most: number) => Math.ceil(most * limits.operationShare)
    return {
      places: bulkhead(share(limits.concurrency), share(limits.queue)),
      timeOuts: circuit(limits.breaker, showOpen)
    }
  }

  /** An operation's limits and metrics, made when it is first named. */
  function prepare(operation: string) {
    const known = operations.get(operation) ?? made(operation)
    operations.set(operation, known)
    return known
  }

  return {
    prepare,
    /**
     * Sends one attempt. Rejects as `send` does, with the reason of `signal` when it aborts, and for a full queue or an open circuit (see
     * `isRejection`). Resolves when the answer begins, which also gives its place back.
     */
    async run<T extends Attempted>(operation: string, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
      const known = prepare(operation)
      const start = performance.now()
      const leaveQueue = enterQueue(target, metrics)
      const begin = async () => {
        leaveQueue()
        signal.throwIfAborted()
        if (open >= mostOpen) throw new BulkheadRejectedError(mostOpen, 0)
        open++
        const sending = judged(connections, known.timeOuts, start, send)
        const whole = sending.then(answer => answer.whole)
        const close = () => void open--
        whole.then(close, close)
        return sending
      }
      // The bulkheads are not given the signal: they would drop an aborted attempt without starting the next one in the queue.
      const work = known.places.execute(() => places.execute(begin))
      return unlessAborted(work.finally(leaveQueue), signal)
    }
  }
}

/** Sends an attempt that has waited since `start`, and tells both circuits what came of it. */
async function judged<T extends Attempted>(
  connections: Circuit,
  timeOuts: Circuit,
  start: number,
  send: () => Promise<T>
): Promise<T> {
  const sent = performance.now()
  const judgeConnection = connections.pass()
  let judgeTime: ReturnType<Circuit['pass']>
  try {
    judgeTime = timeOuts.pass()
  } catch (error) {
    judgeConnection('unknown')
    throw error
  }
  try {
    const answer = await send()
    judgeTime('succeeded')
    if (isGatewayFailure(answer.status)) judgeConnection('failed')
    else if (!answer.whole) judgeConnection('succeeded')
    else {
      judgeConnection('begun')
      answer.whole.then(
        () => judgeConnection('succeeded'),
        () => judgeConnection('failed')
      )
    }
    return answer
  } catch (error) {
    const wasFair = sent - start < FAIR_WAIT * (performance.now() - start)
    // A caller in a hurry says nothing about the operation, or short deadlines could open its circuit for everyone.
    judgeTime(error instanceof TimedOut && !error.cutShort && wasFair ? 'failed' : 'unknown')
    judgeConnection(error instanceof ConnectionFailed ? 'failed' : 'unknown')
    throw error
  }
}
