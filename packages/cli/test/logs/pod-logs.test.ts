import { deepEqual, equal, match } from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import { printPodLogs } from '../../src/logs/pod-logs.ts'
import { fakeCluster } from '../cluster/fake-cluster.ts'

const line = (pod: string, container: string, second: number, msg: string) =>
  `[pod/${pod}/${container}] 2026-11-30T12:00:0${second}.000000001Z ${JSON.stringify({ level: 'info', msg })}`

describe('the logs of an installation in a cluster', () => {
  function printing(stream: (args: string[]) => string[], more: { name?: string; isFollowed?: boolean } = {}) {
    const { cluster, lines } = fakeCluster({ stream, objects: { pods: { items: [] } } })
    const stopping = new AbortController()
    const printed: string[] = []
    const ended = printPodLogs({
      cluster,
      name: more.name,
      since: Date.UTC(2026, 10, 30, 12),
      isWanted: () => true,
      print: ({ source, fields }) => void printed.push(`${source} ${fields?.msg}`),
      tell: text => printed.push(text),
      isFollowed: more.isFollowed ?? false,
      stop: stopping.signal
    })
    return { printed, ended, lines, stop: () => stopping.abort() }
  }

  it('are ordered by time over all pods, and named by service or store', async () => {
    const { printed, ended, lines } = printing(() => [
      line('cart-6d4c-x2', 'cart', 1, 'one'),
      line('cart-6d4c-x2', 'cart', 3, 'three'),
      line('cart-store-0', 'store', 2, 'two')
    ])
    await ended
    deepEqual(printed, ['cart one', 'cart-store two', 'cart three'])
    match(
      lines()[0]!,
      /^kubectl logs --selector=app.kubernetes.io\/part-of=bulkhead .*--since-time=2026-11-30T12:00:00.000Z$/
    )
  })

  it('can be those of one service', async () => {
    const { ended, lines } = printing(() => [], { name: 'orders' })
    await ended
    match(lines()[0]!, /--selector=app.kubernetes.io\/part-of=bulkhead,app.kubernetes.io\/name=orders /)
  })

  it('are followed through the restart of a pod, and each line is printed once', async () => {
    let calls = 0
    const answers = [
      [line('cart-1', 'cart', 1, 'before')],
      [line('cart-1', 'cart', 1, 'before'), line('cart-2', 'cart', 2, 'after')]
    ]
    const { printed, ended, lines, stop } = printing(() => answers[calls++] ?? [], { isFollowed: true })
    await until(() => calls > 1 && printed.length === 2)
    stop()
    await ended
    deepEqual(printed, ['cart before', 'cart after'])
    equal(lines().filter(call => call.includes('--follow')).length >= 2, true)
  })
})
