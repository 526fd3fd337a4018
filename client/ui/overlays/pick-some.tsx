import { useId, useState } from 'react'
import { MAX_FILTER_ITEMS } from '../../../shared/contract/feed.ts'
import { webhookTexts } from '../../state/webhook-texts.ts'
import './webhook-dialogs.css'

const words = webhookTexts.form
const ALL = 'all'

interface PickSomeProps {
  readonly name: string
  readonly label: string
  /** What it is to take all, and to choose. */
  readonly all: string
  readonly listed: string
  readonly items: readonly { readonly id: string; readonly name: string; readonly note?: string }[]
  /** What is chosen at first; null: all. */
  readonly chosen: readonly string[] | null
  /** Said when there is nothing to choose from. */
  readonly none?: string
}

/** All of something, or a choice. */
export function PickSome({ name, label, all, listed, items, chosen, none }: PickSomeProps) {
  const id = useId()
  const [isListed, setListed] = useState(chosen !== null)
  const [ids, setIds] = useState<readonly string[]>(() => items.flatMap(({ id }) => (chosen?.includes(id) ? [id] : [])))
  const fault = ids.length === 0 ? words.chooseOne : ids.length > MAX_FILTER_ITEMS ? words.chooseFewer(MAX_FILTER_ITEMS) : ''
  const toggle = (id: string, on: boolean) => setIds((ids) => (on ? [...ids, id] : ids.filter((other) => other !== id)))
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        ref={(select) => select?.setCustomValidity(isListed ? fault : '')}
        id={id}
        name={name}
        className="choice"
        value={isListed ? 'listed' : ALL}
        onChange={({ currentTarget }) => setListed(currentTarget.value !== ALL)}
      >
        <option value={ALL}>{all}</option>
        <option value="listed">{listed}</option>
      </select>
      {isListed && (
        <fieldset className="picks">
          <legend className="hidden">{listed}</legend>
          {items.length === 0 && <p className="quiet">{none}</p>}
          {items.map((item) => (
            <label key={item.id} className="check">
              <input
                type="checkbox"
                name={itemsOf(name)}
                value={item.id}
                checked={ids.includes(item.id)}
                onChange={({ currentTarget }) => toggle(item.id, currentTarget.checked)}
              />
              <span>
                {item.name}
                {item.note && <span className="quiet">{item.note}</span>}
              </span>
            </label>
          ))}
        </fieldset>
      )}
    </div>
  )
}

const itemsOf = (name: string) => `${name}.item`

/** What a form says of such a choice; null: all. */
export const picked = (form: FormData, name: string): string[] | null =>
  form.get(name) === ALL ? null : form.getAll(itemsOf(name)).map(String)
