import { Extensions, Field, ID, InterfaceType, ObjectType, type InterfaceTypeOptions } from 'type-graphql'
import type { IdKind } from '../core/id'

type ReadonlyTypeFunction = Parameters<typeof Field>[0]

interface TypeOptions {
  implements?: Function | Function[]
}

/** An object type of the API. Its plain fields are read straight from the row, without middleware. */
export const Type = (name: string, description: string, options: TypeOptions = {}): ClassDecorator =>
  ObjectType(name, { description, simpleResolvers: true, ...options })

/** A plain field, read from the row's property of the same name. */
export const Shown = (type: ReadonlyTypeFunction, description: string, nullable = false): PropertyDecorator =>
  Field(type, { description, nullable })

/** What the id of a `Node` is for. */
export const NODE_ID = 'The global id; `node(id)` finds the thing again.'

/** The global id of a thing, made from the row's own `id`. The schema's assembly gives it its resolver. */
export const GlobalId =
  (kind: IdKind, description = NODE_ID): PropertyDecorator =>
  (target, property) => {
    Field(() => ID, { description })(target, property)
    Extensions({ globalId: kind })(target, property)
  }

/** An interface type of the API. */
export const Interface = (
  name: string,
  description: string,
  options: InterfaceTypeOptions = {},
): ClassDecorator => InterfaceType(name, { description, autoRegisterImplementations: false, ...options })

/** A field that asks the database for each row anew, as a connection does, and so costs as much for each statement. */
export const OwnStatements = (count = 1): MethodDecorator => Extensions({ ownStatements: count })

/** A field that takes as long to answer as so many values. */
export const Costs = (values: number): MethodDecorator => Extensions({ complexity: values })
