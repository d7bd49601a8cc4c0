import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { CHARTS, needHelm, podOf, ROOT, readJson, render, SERVICES } from './render.ts'

/** Turns on every option, so that the tests see every object. */
const ALL = {
  service: ['autoscaling.enabled=true', 'route.enabled=true', 'ingress.enabled=true'],
  store: ['exporter.enabled=true'],
  other: []
}

describe('every chart', () => {
  before(needHelm)

  it('exists for each service, with the version of its package', () => {
    for (const service of SERVICES) {
      const { appVersion } = parse(readFileSync(join(ROOT, 'charts', service, 'Chart.yaml'), 'utf8'))
      assert.equal(appVersion, readJson(`services/${service}/package.json`).version, service)
    }
  })

  for (const chart of CHARTS) {
    const kind = chart.startsWith('store-') ? 'store' : 'other'
    const values = ALL[SERVICES.includes(chart) ? 'service' : kind]

    it(`${chart} renders no Secret, and no object twice`, async () => {
      const manifests = await render(chart, ...values)
      const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
      assert.ok(manifests.length > 3)
      assert.equal(new Set(names).size, names.length, names.join(', '))
      assert.ok(manifests.every(({ kind }) => kind !== 'Secret'))
    })

    it(`${chart} has pods of Pod Security "restricted", with a memory limit and no CPU limit`, async () => {
      const pods = (await render(chart, ...values)).map(podOf).filter(pod => pod !== undefined)
      assert.ok(pods.length > 1)
      for (const { securityContext, containers } of pods) {
        const { runAsNonRoot, seccompProfile } = securityContext as Record<string, unknown>
        assert.deepEqual(
          { runAsNonRoot, seccompProfile },
          { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }
        )
        for (const { securityContext, resources } of containers) {
          assert.deepEqual(securityContext, {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] }
          })
          assert.deepEqual(Object.keys(resources.limits), ['memory'])
          assert.deepEqual(Object.keys(resources.requests).sort(), ['cpu', 'memory'])
        }
      }
    })

    it(`${chart} gives only the pod that reads the keys a token for the Kubernetes API`, async () => {
      for (const pod of (await render(chart, ...values)).map(podOf).filter(pod => pod !== undefined)) {
        const mayAsk = pod.serviceAccountName === 'services-jwks'
        assert.equal(pod.automountServiceAccountToken, mayAsk ? undefined : false)
      }
    })

    it(`${chart} has no policy with a rule that allows all connections`, async () => {
      for (const { kind, metadata, spec } of await render(chart, ...values)) {
        if (kind !== 'NetworkPolicy') continue
        for (const { from } of spec.ingress ?? []) assert.ok((from?.length ?? 0) > 0, metadata.name)
        for (const { to, ports } of spec.egress ?? [])
          assert.ok((to?.length ?? 0) > 0 || ports.length > 0, metadata.name)
      }
    })

    it(`${chart} refuses an unknown value`, async () => {
      await assert.rejects(render(chart, 'imagge="x"'), /additional properties 'imagge' not allowed/)
    })
  }
})
