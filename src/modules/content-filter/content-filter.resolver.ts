import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { PageArguments, toConnection, type Connection } from '../../api/connection'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import { toGlobalId } from '../../core/id'
import {
  CreateContentFilterInput,
  DeleteContentFilterInput,
  UpdateContentFilterInput,
} from './content-filter.input'
import {
  contentFilterById,
  foundWords,
  type ContentFilterMatchRow,
  type ContentFilterRow,
} from './content-filter.loader'
import {
  CreateContentFilterPayload,
  DeleteContentFilterPayload,
  UpdateContentFilterPayload,
} from './content-filter.payload'
import type { Newcomers } from './content-filter.repository'
import { ContentFilterService } from './content-filter.service'
import {
  ContentFilterConnection,
  ContentFilterMatchType,
  ContentFilterType,
  LinkTermsType,
  NewcomersType,
  RateTermsType,
  WordTermsType,
} from './content-filter.type'
import { FilterKind, type TermsByKind } from './filter-terms'

defineNode('content_filter', 'ContentFilter', (context, id) => context.load(contentFilterById, id))

@Resolver(() => ContentFilterType)
export class ContentFilterResolver {
  @Query(() => ContentFilterConnection, {
    nullable: true,
    description:
      'What is flagged, held or refused of what people write, oldest first. Needs `filters:manage`.',
  })
  async contentFilters(
    @Ctx() context: Context,
    @Args(() => PageArguments) page: PageArguments,
  ): Promise<Connection<ContentFilterRow>> {
    const filters = context.use(ContentFilterService)
    return toConnection(await filters.list(page), () => filters.count())
  }

  @Action(() => CreateContentFilterPayload, {
    description: 'Makes a filter: switched off, where nothing else is said. Needs `filters:manage`.',
  })
  async createContentFilter(
    @Ctx() context: Context,
    @InputArgument(() => CreateContentFilterInput) input: CreateContentFilterInput,
  ) {
    return done({ contentFilter: await context.use(ContentFilterService).create(input) })
  }

  @Action(() => UpdateContentFilterPayload, {
    description:
      'Changes a filter, or switches it on or off, for all that is written from then on. Needs `filters:manage`.',
  })
  async updateContentFilter(
    @Ctx() context: Context,
    @InputArgument(() => UpdateContentFilterInput) input: UpdateContentFilterInput,
  ) {
    return done({ contentFilter: await context.use(ContentFilterService).update(input) })
  }

  @Action(() => DeleteContentFilterPayload, {
    description: 'Deletes a filter; the cases that it has opened stay. Needs `filters:manage`.',
  })
  async deleteContentFilter(
    @Ctx() context: Context,
    @InputArgument(() => DeleteContentFilterInput) { contentFilterId }: DeleteContentFilterInput,
  ) {
    const id = await context.use(ContentFilterService).delete(contentFilterId)
    return done({ deletedContentFilterId: toGlobalId('content_filter', id) })
  }

  @FieldResolver(() => WordTermsType, {
    nullable: true,
    description: 'The words and phrases, of a filter of words.',
  })
  words(@Root() filter: ContentFilterRow): TermsByKind[FilterKind.WORDS] | null {
    return termsOf(filter, FilterKind.WORDS)
  }

  @FieldResolver(() => LinkTermsType, { nullable: true, description: 'The links, of a filter of links.' })
  links(@Root() filter: ContentFilterRow): TermsByKind[FilterKind.LINKS] | null {
    return termsOf(filter, FilterKind.LINKS)
  }

  @FieldResolver(() => RateTermsType, { nullable: true, description: 'How much, of a filter of that.' })
  rate(@Root() filter: ContentFilterRow): TermsByKind[FilterKind.RATE] | null {
    return termsOf(filter, FilterKind.RATE)
  }

  @FieldResolver(() => NewcomersType, {
    nullable: true,
    description: 'Of whom alone; null for everybody.',
  })
  newcomersOnly(@Root() { youngerThanDays, fewerPostsThan }: ContentFilterRow): Newcomers | null {
    return youngerThanDays === null && fewerPostsThan === null ? null : { youngerThanDays, fewerPostsThan }
  }
}

@Resolver(() => ContentFilterMatchType)
export class ContentFilterMatchResolver {
  @FieldResolver(() => [String], {
    nullable: true,
    description: 'What was found, as it was written; nothing where it was too much at once.',
  })
  found(@Ctx() context: Context, @Root() match: ContentFilterMatchRow): Promise<string[] | null> {
    return context.load(foundWords, match)
  }

  @FieldResolver(() => ContentFilterType, {
    nullable: true,
    description: 'The filter as it is by now; null where it is gone. Needs `filters:manage`.',
  })
  filter(
    @Ctx() context: Context,
    @Root() { filterId }: ContentFilterMatchRow,
  ): Promise<ContentFilterRow | null> {
    return context.load(contentFilterById, filterId)
  }
}

const termsOf = <Kind extends FilterKind>(
  { kind, terms }: ContentFilterRow,
  of: Kind,
): TermsByKind[Kind] | null => (kind === of ? (terms as TermsByKind[Kind]) : null)
