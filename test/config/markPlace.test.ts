import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { markPlace } from '../../runner/config/markPlace.ts'

const test = suite('config/markPlace')
const place = (text: string) => {
  const { line, column } = markPlace(text, 'recipes/x.yaml', 'value.a')
  return `${line}:${column}`
}

for (const [name, text, wanted] of [
  ['the first', 'a: x\nb: "is ${value.a} and ${value.a}"\n', '2:8'],
  ['not in a comment', '# ${value.a}\n  # too ${value.a}\nb: ${value.a}', '3:4'],
  ['not a literal one', 'a: $${value.a}\nb: ${value.a}', '2:4'],
  ['not a longer name', 'a: ${value.ab}\nb: ${value.a}', '2:4'],
  ['nowhere', 'a: x', '1:1'],
] as const) {
  test(name, () => assert.is(place(text), wanted))
}

test.run()
