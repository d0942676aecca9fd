import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { layoutFor } from '../../../runner/cli/report/layout.ts'
import { apply, newView, type RunView } from '../../../runner/cli/report/view.ts'
import { sampleAction, samplePlan } from '../../plan/sampleAction.ts'
import { makeFailed } from './runOfEvents.ts'

const RUNNING_LINES = 3

/** Two hosts that build five recipes each, the third one right now; a third host that is done. */
function view(): RunView {
  const result = newView(['a', 'b', 'c'])
  const names = ['r1', 'r2', 'r3', 'r4', 'r5']
  for (const host of ['a', 'b', 'c']) {
    const actions = names.map((name) => sampleAction(`${name} 1`, 'install'))
    apply(result, { type: 'host-planned', host, plan: samplePlan(host, ...actions) }, 0)
    for (const [index, recipe] of names.entries()) {
      const of = { host, recipe, version: '1' }
      if (index < 2 || host === 'c') {
        apply(result, { type: 'recipe-end', ...of, result: 'done', seconds: 1 }, 0)
      } else if (index === 2) {
        apply(result, { type: 'recipe-start', ...of, action: sampleAction('r3 1', 'install') }, 0)
      }
    }
  }
  apply(result, { type: 'host-end', host: 'c', seconds: 9 }, 0)
  return result
}

function shown(run: RunView, rows: number): string[] {
  const layout = layoutFor(run, rows, (recipe) => (recipe.state === 'running' ? RUNNING_LINES : 1))
  return [...run.hosts.values()].flatMap((host) => [
    ...(layout.host(host) ? [host.name] : []),
    ...host.recipes
      .filter((recipe) => layout.recipe(host, recipe))
      .map((recipe) => `${host.name} ${recipe.name}`),
  ])
}

const layout = suite('layout')

layout('everything when it fits', () => {
  const all = 3 + 15 + 2 * (RUNNING_LINES - 1)
  assert.is(shown(view(), all).length, 18)
  assert.ok(shown(view(), all - 1).length < 18)
})

layout('else what runs, with what was done before and what comes next', () => {
  assert.equal(shown(view(), 15), ['a', 'a r2', 'a r3', 'a r4', 'b', 'b r2', 'b r3', 'b r4', 'c'])
})

layout('else only what runs', () => {
  assert.equal(shown(view(), 10), ['a', 'a r3', 'b', 'b r3'])
})

layout('a host with a failure stays', () => {
  const run = view()
  apply(
    run,
    {
      type: 'recipe-end',
      host: 'c',
      recipe: 'r5',
      version: '1',
      result: 'failed',
      seconds: 1,
      error: makeFailed,
    },
    0,
  )
  assert.equal(shown(run, 10), ['a', 'a r3', 'b', 'b r3', 'c'])
})

layout.run()
