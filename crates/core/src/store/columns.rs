//! Ids as columns of the database.

use sqlx::{
    Any, Database, Decode, Encode, Type, any::AnyTypeInfo, encode::IsNull, error::BoxDynError,
};

use crate::ids::{FaceId, JournalId, PersonId, PhotoId};

/// Keeps `$id` in a column of type `$column`.
macro_rules! column {
    ($id:ident as $column:ty: $to_column:expr, $from_column:expr) => {
        impl Type<Any> for $id {
            fn type_info() -> AnyTypeInfo {
                <$column as Type<Any>>::type_info()
            }

            fn compatible(found: &AnyTypeInfo) -> bool {
                <$column as Type<Any>>::compatible(found)
            }
        }

        impl Encode<'_, Any> for $id {
            fn encode_by_ref(
                &self,
                buffer: &mut <Any as Database>::ArgumentBuffer,
            ) -> Result<IsNull, BoxDynError> {
                let to_column: fn(&Self) -> $column = $to_column;
                Encode::<Any>::encode(to_column(self), buffer)
            }
        }

        impl Decode<'_, Any> for $id {
            fn decode(value: <Any as Database>::ValueRef<'_>) -> Result<Self, BoxDynError> {
                let from_column: fn($column) -> Result<Self, BoxDynError> = $from_column;
                from_column(<$column as Decode<Any>>::decode(value)?)
            }
        }
    };
}

column!(PersonId as i64: |id| id.0, |number| Ok(Self(number)));
column!(JournalId as i64: |id| id.0, |number| Ok(Self(number)));
column!(PhotoId as String: ToString::to_string, |text| Ok(text.parse()?));
column!(FaceId as String: ToString::to_string, |text| Ok(text.parse()?));
