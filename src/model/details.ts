/** What a kind of report has of its own. One member per family, told apart by `of`. */
export type ReportDetails = { readonly of: 'placeholder' };
