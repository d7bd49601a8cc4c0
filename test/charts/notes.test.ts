import assert from 'node:assert/strict'
import { needHelm, notesOf, ofKind, podOf, render, SERVICES } from './render.ts'

describe('the notes of a service’s chart', () => {
  before(needHelm)

  for (const service of SERVICES) {
    it(`${service} names every Secret and ConfigMap that its pods need to start`, async () => {
      const notes = await notesOf(service)
      const pod = podOf(ofKind(await render(service), 'Deployment'))!
      for (const { valueFrom } of pod.containers[0].env!) {
        if (!valueFrom?.secretKeyRef) continue
        const { name, key } = valueFrom.secretKeyRef
        assert.match(notes, new RegExp(`^  Secret ${name}: (.*, )?${key}(,|$)`, 'm'))
      }
      assert.match(notes, /^ {2}ConfigMap services-jwks: jwks\.json$/m)
    })
  }

  it('name the files in the values, and Secrets whose names the values change', async () => {
    const files =
      'files={"CA_FILE":{"secret":"authority","key":"ca.crt"},"LIST_FILE":{"configMap":"list","key":"list"}}'
    const notes = await notesOf('catalog', files, 'store.existingSecret="theirs"')
    for (const line of ['Secret authority: ca.crt', 'ConfigMap list: list', 'Secret theirs: url'])
      assert.ok(notes.includes(`\n  ${line}\n`), notes)
    assert.doesNotMatch(notes, /Secret catalog-store/)
  })

  it("of the gateway's chart explain how to find its address from its Gateway or its Ingress", async () => {
    const [byGateway, byIngress] = [/-n shop get gateway bulkhead -o jsonpath=/, /-n shop get ingress gateway$/m]
    const notes = await notesOf('gateway')
    assert.match(notes, byGateway)
    assert.doesNotMatch(notes, byIngress)
    const other = await notesOf('gateway', 'route.enabled=false', 'ingress.enabled=true')
    assert.match(other, byIngress)
    assert.doesNotMatch(other, byGateway)
    assert.doesNotMatch(await notesOf('catalog'), /It is reached through/)
  })
})
