import { generateKeyPairSync } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { outlinePrivateKey } from '../../runner/transports/privateKey.ts'
import { keyPair, publicBlob } from './server.ts'

const outline = suite('private key outline')

outline('an OpenSSH key tells its public key, encrypted or not', () => {
  for (const passphrase of [undefined, 'secret']) {
    const pair = keyPair('ed25519', passphrase)
    assert.equal(outlinePrivateKey(pair.private, 'id'), {
      kind: 'key',
      encrypted: passphrase !== undefined,
      publicKey: publicBlob(pair),
    })
  }
})

outline('a PEM key says whether it is encrypted', () => {
  const plain = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n'
  const locked = plain.replace('MIIE', 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMIIE')
  assert.equal(outlinePrivateKey(plain, 'id'), { kind: 'key', encrypted: false, publicKey: undefined })
  assert.equal(outlinePrivateKey(locked, 'id'), { kind: 'key', encrypted: true, publicKey: undefined })
})

const pkcs8 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
for (const [what, text, reason] of [
  ['a public key', keyPair().public, 'is a public key'],
  ['PKCS #8', pkcs8, 'is a key in PKCS #8 format, which is not supported'],
  ['something else', 'hello', 'is not a private key'],
  ['an empty file', '', 'is not a private key'],
  [
    'a damaged key',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----',
    'is a damaged private key',
  ],
] as const) {
  outline(`${what} is named, with what to do`, () => {
    const found = outlinePrivateKey(text, '/k/id.pub')
    assert.ok(found.kind === 'unusable')
    assert.is(found.reason, reason)
    assert.match(found.next, '/k/id')
  })
}

outline.run()
