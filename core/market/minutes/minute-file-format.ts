export type MinuteFileFormat = 'csv' | 'csv.gz' | 'parquet'
