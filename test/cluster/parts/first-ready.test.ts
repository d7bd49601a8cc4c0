import { deepEqual, match } from 'node:assert/strict'
import { type Deployment, lastAvailable } from './first-ready.ts'

const deployment = (name: string, time: string, revision = '1', reason = 'NewReplicaSetAvailable'): Deployment => ({
  metadata: { name, annotations: { 'deployment.kubernetes.io/revision': revision } },
  status: {
    conditions: [
      { type: 'Available', reason: 'MinimumReplicasAvailable', lastUpdateTime: '2030-01-01T00:00:00Z' },
      { type: 'Progressing', reason, lastUpdateTime: time }
    ]
  }
})

describe('the time when everything was ready for the first time', () => {
  const [early, late] = ['2026-01-01T10:00:00Z', '2026-01-01T10:01:00Z']

  it('is the time when the last Deployment got all its replicas', () => {
    const found = lastAvailable([deployment('cart', late), deployment('catalog', early)])
    deepEqual(found, { name: 'cart', at: Date.parse(late) })
  })

  it('is infinite while a Deployment still waits for replicas', () => {
    const waiting = deployment('cart', early, '1', 'ReplicaSetUpdated')
    deepEqual(lastAvailable([deployment('catalog', late), waiting]), { name: 'cart', at: Number.POSITIVE_INFINITY })
  })

  it('is unknown after an upgrade', () => {
    const found = lastAvailable([deployment('cart', late), deployment('catalog', early, '3')])
    match('unrun' in found ? found.unrun : '', /^catalog was upgraded/)
  })
})
