import assert from 'node:assert/strict'
import { parse } from 'yaml'
import { alertmanagerConfiguration, prometheusConfiguration } from '../../src/observe/configuration.ts'
import type { Service, Stack } from '../../src/services/stack.ts'

const cart: Service = {
  name: 'cart',
  version: '1.0.0',
  store: 'redis',
  state: 'records',
  secrets: [],
  ports: { api: 7001, operations: 7101, store: 7201 }
}
const stack: Stack = { root: '/repo', portBase: 7000, folder: '/repo/.data/7000', services: [cart], eventLogPort: 7299 }

describe('the configuration of Prometheus', () => {
  const configuration = parse(prometheusConfiguration(stack))

  it('reads the targets of the stack, and the rules of the repository', () => {
    const [services] = configuration.scrape_configs
    assert.deepEqual(services.file_sd_configs[0].files, ['/repo/.data/7000/observe/targets.json'])
    assert.deepEqual(configuration.rule_files, ['/repo/k8s/monitoring/rules/*.yaml'])
  })

  it('sends alerts to the Alertmanager of the same stack', () =>
    assert.deepEqual(configuration.alerting.alertmanagers[0].static_configs[0].targets, ['127.0.0.1:7291']))

  it('keeps exemplars, and bounds what a service may report', () => {
    assert.ok(configuration.storage.exemplars.max_exemplars > 0)
    assert.ok(configuration.scrape_configs[0].sample_limit > 0)
  })
})

describe('the configuration of Alertmanager', () => {
  it('keeps routes and inhibitions, and drops every address', () => {
    const given = `
global: { slack_api_url: https://hooks.example/secret }
route: { receiver: people, routes: [{ receiver: desk, matchers: [severity="ticket"] }] }
inhibit_rules: [{ source_matchers: [severity="page"], target_matchers: [severity="ticket"] }]
receivers:
  - { name: people, webhook_configs: [{ url: https://pager.example }] }
  - { name: desk, email_configs: [{ to: desk@example.com }] }
templates: [/etc/templates/*]`
    const text = alertmanagerConfiguration(given)
    assert.doesNotMatch(text, /example/)
    assert.deepEqual(parse(text), {
      route: { receiver: 'people', routes: [{ receiver: 'desk', matchers: ['severity="ticket"'] }] },
      inhibit_rules: [{ source_matchers: ['severity="page"'], target_matchers: ['severity="ticket"'] }],
      receivers: [{ name: 'people' }, { name: 'desk' }]
    })
  })

  it('has one route if the repository has no routes', () =>
    assert.equal(parse(alertmanagerConfiguration(undefined)).route.receiver, 'none'))

  for (const text of ['route: [', 'just a text', '- a\n- list'])
    it(`fails for "${text.split('\n')[0]}", and names the file`, () =>
      assert.throws(() => alertmanagerConfiguration(text), /k8s\/monitoring\/alertmanager\.yaml is invalid: /))
})
