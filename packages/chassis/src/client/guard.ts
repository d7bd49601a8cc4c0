import { type BulkheadPolicy, BulkheadRejectedError, bulkhead } from 'cockatiel'
import { unlessAborted } from '../core/index.ts'
import { type Circuit, circuit, type Judge } from './circuit.ts'
import { type ClientMetrics, enterQueue } from './client-metrics.ts'
import { type ClientLimits, ConnectionFailed, isGatewayFailure, TimedOut } from './client-policy.ts'

/** An answer that has begun. If the body is still arriving, `whole` resolves when the body ends, and rejects if it breaks off. */
type BegunAnswer = { status: number; whole?: Promise<void> }

/** The limits of one target. */
export type Guard = {
  /** Registers an operation's limits and metrics before its first call. Without this call, `run` registers them. */
  prepare(operation: string): void
  /**
   * Sends one attempt. Resolves when the answer begins, which also frees the attempt's place. Rejects if `send` rejects, and with the
   * reason of `signal` when it aborts. Rejects for a full queue or an open circuit (see `isRejection`).
   */
  run<T extends BegunAnswer>(operation: string, signal: AbortSignal, send: () => Promise<T>): Promise<T>
}

/** The limits of one operation. */
type OperationLimits = { places: BulkheadPolicy; timeOuts: Circuit }

/** A time-out counts against the operation only if the attempt spent less than this part of its time in the queue. */
const MAX_QUEUE_PART = 0.1

/**
 * Creates the limits of one target. Its circuit counts broken connections, 502 and 504; the circuit of each operation counts time-outs. So
 * neither a 503 nor a slow operation blocks the other operations.
 */
export function guard(target: string, limits: ClientLimits, metrics: ClientMetrics): Guard {
  const places = bulkhead(limits.concurrency, limits.queue)
  const connections = circuit(limits.breaker, isOpen => metrics.circuitOpen.set({ target }, Number(isOpen)))
  const operations = new Map<string, OperationLimits>()
  const maxOpenAnswers = limits.concurrency + limits.openAnswers
  let openAnswers = 0
  metrics.circuitOpen.set({ target }, 0)
  metrics.queueLength.set({ target }, 0)

  function newLimits(operation: string): OperationLimits {
    const showOpen = (isOpen: boolean) => metrics.circuitOpen.set({ target, operation }, Number(isOpen))
    showOpen(false)
    const share = (limit: number) => Math.ceil(limit * limits.operationShare)
    return {
      places: bulkhead(share(limits.concurrency), share(limits.queue)),
      timeOuts: circuit(limits.breaker, showOpen)
    }
  }

  function limitsOf(operation: string): OperationLimits {
    const operationLimits = operations.get(operation) ?? newLimits(operation)
    operations.set(operation, operationLimits)
    return operationLimits
  }

  return {
    prepare: operation => void limitsOf(operation),
    async run<T extends BegunAnswer>(operation: string, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
      const operationLimits = limitsOf(operation)
      const start = performance.now()
      const leaveQueue = enterQueue(target, metrics)
      const begin = async () => {
        leaveQueue()
        signal.throwIfAborted()
        if (openAnswers >= maxOpenAnswers) throw new BulkheadRejectedError(maxOpenAnswers, 0)
        openAnswers++
        const sending = sendJudged(connections, operationLimits.timeOuts, start, send)
        const whole = sending.then(answer => answer.whole)
        const close = () => void openAnswers--
        whole.then(close, close)
        return sending
      }
      // The bulkheads do not get the signal, because they would drop an aborted attempt without starting the next one in the queue.
      const work = operationLimits.places.execute(() => places.execute(begin))
      return unlessAborted(work.finally(leaveQueue), signal)
    }
  }
}

/** Sends an attempt that has waited since `start`, and reports its outcome to both circuits. */
async function sendJudged<T extends BegunAnswer>(
  connections: Circuit,
  timeOuts: Circuit,
  start: number,
  send: () => Promise<T>
): Promise<T> {
  const sentAt = performance.now()
  const judgeConnection = connections.pass()
  let judgeTime: Judge
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
    const wasMostlySent = sentAt - start < MAX_QUEUE_PART * (performance.now() - start)
    // A time-out because of the caller's short deadline does not count, or such callers could open the circuit for everyone.
    judgeTime(error instanceof TimedOut && !error.cutShort && wasMostlySent ? 'failed' : 'unknown')
    judgeConnection(error instanceof ConnectionFailed ? 'failed' : 'unknown')
    throw error
  }
}
