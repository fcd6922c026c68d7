import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Action, done } from '../../api/action'
import { InputArgument } from '../../api/input'
import { defineNode } from '../../api/node'
import type { Context } from '../../context/context'
import type { UserRow } from '../user/user.loader'
import { UserType } from '../user/user.type'
import { CreateDataExportLinkInput } from './data-export.input'
import { dataExportById, dataExportByUser, type DataExportRow } from './data-export.loader'
import { CreateDataExportLinkPayload, RequestDataExportPayload } from './data-export.payload'
import { DataExportService } from './data-export.service'
import { DataExportType } from './data-export.type'

defineNode('data_export', 'DataExport', (context, id) => context.load(dataExportById, id))

@Resolver(() => UserType)
export class DataExportResolver {
  @Action(() => RequestDataExportPayload, {
    description:
      'Asks for a copy of all that is known about you. It is made in the background, a mail tells when it is there, and it is kept for a week.',
  })
  async requestDataExport(@Ctx() context: Context) {
    return done({ dataExport: await context.use(DataExportService).request() })
  }

  @Action(() => CreateDataExportLinkPayload, {
    description: 'Makes a link with which the copy of your data can be fetched once, within ten minutes.',
  })
  async createDataExportLink(
    @Ctx() context: Context,
    @InputArgument(() => CreateDataExportLinkInput) { dataExportId }: CreateDataExportLinkInput,
  ) {
    return done(await context.use(DataExportService).createLink(dataExportId))
  }

  @FieldResolver(() => DataExportType, {
    nullable: true,
    description:
      'The last copy of the data that this person has asked for; null where there is none, or it has expired. Self, or `privacy:manage`.',
  })
  dataExport(@Ctx() context: Context, @Root() { id }: UserRow): Promise<DataExportRow | null> {
    return context.load(dataExportByUser, id)
  }
}
