import { operation } from '@bulkhead/chassis/contract'
import { webhookBehaviour } from './schemas.ts'

export const getWebhookBehaviour = operation({
  id: 'getWebhookBehaviour',
  method: 'get',
  path: '/webhook-behaviour',
  summary: 'Get how webhooks are delivered',
  callers: ['staff'],
  answers: { 200: { description: 'The behaviour', body: webhookBehaviour } }
})

/** Sets the behaviour of the webhooks of all further changes. */
export const setWebhookBehaviour = operation({
  id: 'setWebhookBehaviour',
  method: 'put',
  path: '/webhook-behaviour',
  summary: 'Make webhooks late, doubled, out of order or lost',
  callers: ['staff'],
  body: webhookBehaviour,
  answers: { 200: { description: 'The behaviour', body: webhookBehaviour } }
})

export const webhookOperations = [getWebhookBehaviour, setWebhookBehaviour]
