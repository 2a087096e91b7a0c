//! Macros for stores that wrap another one.

/// Writes the methods of a [`Store`](crate::Store) that a wrapper leaves to the store inside.
///
/// It goes inside the `#[async_trait] impl Store`, once or several times: the path to the store
/// inside, `=>`, and the names of the methods. A method that is neither written nor named is a
/// compile error, so that nothing is forgotten when the contract grows.
///
/// ```
/// use std::sync::Arc;
/// use std::time::SystemTime;
///
/// use restante::store::NewMessage;
/// use restante::{Error, MemoryStore, Message, Recipients, Restante, Sent, Store, async_trait};
///
/// /// Writes a line for each message to a list.
/// #[derive(Debug)]
/// struct Audited(Arc<dyn Store>);
///
/// #[async_trait]
/// impl Store for Audited {
///     async fn send(
///         &self,
///         now: SystemTime,
///         message: &NewMessage,
///         to: &Recipients,
///     ) -> Result<Sent, Error> {
///         eprintln!("{} to {}", message.message(), to.as_slice().len());
///         self.0.send(now, message, to).await
///     }
///
///     restante::delegate_store! {
///         self.0 => name, broadcast, deliver, relay, list, count, get, mark_read, mark_unread,
///         mark_all_read, dismiss, join, sent, receipts, retract, sweep, forget, export, follow, changes
///     }
/// }
///
/// restante::delegate_records!(Audited, 0);
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Error> {
/// let restante = Restante::new(Audited(Arc::new(MemoryStore::new())));
/// restante.send(Message::info("Ahoy there"), "alice").await?;
/// assert_eq!(restante.inbox("alice")?.count().await?.unread, 1);
/// # Ok(()) }
/// ```
// `async_trait` rewrites the methods of a trait before a macro inside an impl is expanded, so they
// are written here as it rewrites them: a lifetime for each reference, in their order, and a boxed
// future that does not outlive any. Each method below is its name, the lifetimes, what it takes
// beside `now`, and what it gives.
#[macro_export]
macro_rules! delegate_store {
    ($self:ident . $($inner:tt).+ => $($method:ident),+ $(,)?) => {
        $crate::delegate_store! { @each [$self $($inner).+] $($method)+ }
    };
    (@each $path:tt) => {};
    (@each $path:tt $method:ident $($more:ident)*) => {
        $crate::delegate_store! { @$method $path }
        $crate::delegate_store! { @each $path $($more)* }
    };
    (@name [$self:ident $($inner:tt)+]) => {
        fn name(&$self) -> &'static str {
            use $crate::Store as _;
            $self.$($inner)+.name()
        }
    };
    (@changes [$self:ident $($inner:tt)+]) => {
        fn changes(&$self) -> $crate::store::Changes {
            use $crate::Store as _;
            $self.$($inner)+.changes()
        }
    };
    (@send $path:tt) => {
        $crate::delegate_store! { @method $path send ['m 't] (message: &'m $crate::store::NewMessage, to: &'t $crate::Recipients) -> $crate::store::Sent }
    };
    (@broadcast $path:tt) => {
        $crate::delegate_store! { @method $path broadcast ['m] (message: &'m $crate::store::NewMessage, newcomers: bool) -> $crate::store::Sent }
    };
    (@deliver $path:tt) => {
        $crate::delegate_store! { @method $path deliver [] (name_users: bool) -> Option<$crate::store::Delivered> }
    };
    (@relay $path:tt) => {
        $crate::delegate_store! { @method $path relay [] (expiry: $crate::store::Expiry, limit: usize) -> $crate::store::Relayed }
    };
    (@list $path:tt) => {
        $crate::delegate_store! { @method $path list ['u 'f] (user: &'u $crate::UserId, filter: &'f $crate::Filter) -> $crate::Page }
    };
    (@count $path:tt) => {
        $crate::delegate_store! { @method $path count ['u] (user: &'u $crate::UserId) -> $crate::Count }
    };
    (@get $path:tt) => {
        $crate::delegate_store! { @method $path get ['u] (user: &'u $crate::UserId, id: $crate::ItemId) -> Option<$crate::Item> }
    };
    (@mark_read $path:tt) => {
        $crate::delegate_store! { @method $path mark_read ['u 'i] (user: &'u $crate::UserId, ids: &'i [$crate::ItemId]) -> u64 }
    };
    (@mark_unread $path:tt) => {
        $crate::delegate_store! { @method $path mark_unread ['u] (user: &'u $crate::UserId, id: $crate::ItemId) -> bool }
    };
    (@mark_all_read $path:tt) => {
        $crate::delegate_store! { @method $path mark_all_read ['u 'a] (user: &'u $crate::UserId, as_of: &'a $crate::AsOf) -> bool }
    };
    (@dismiss $path:tt) => {
        $crate::delegate_store! { @method $path dismiss ['u] (user: &'u $crate::UserId, id: $crate::ItemId) -> bool }
    };
    (@join $path:tt) => {
        $crate::delegate_store! { @method $path join ['u] (user: &'u $crate::UserId, joined: ::std::time::SystemTime) -> bool }
    };
    (@sent $path:tt) => {
        $crate::delegate_store! { @method $path sent ['f] (filter: &'f $crate::store::SentFilter) -> $crate::store::SentPage }
    };
    (@receipts $path:tt) => {
        $crate::delegate_store! { @method $path receipts ['s] (id: $crate::MessageId, sender: Option<&'s str>) -> Option<$crate::store::Receipts> }
    };
    (@retract $path:tt) => {
        $crate::delegate_store! { @method $path retract ['s] (id: $crate::MessageId, sender: Option<&'s str>) -> bool }
    };
    (@sweep $path:tt) => {
        $crate::delegate_store! { @method $path sweep [] () -> $crate::store::Swept }
    };
    (@forget $path:tt) => {
        $crate::delegate_store! { @method $path forget ['u] (user: &'u $crate::UserId) -> bool }
    };
    (@export $path:tt) => {
        $crate::delegate_store! { @method $path export ['u] (user: &'u $crate::UserId) -> $crate::store::Export }
    };
    (@follow $path:tt) => {
        $crate::delegate_store! { @method $path follow [] (after: i64, limit: usize) -> Vec<$crate::store::Followed> }
    };
    (@method [$self:ident $($inner:tt)+] $method:ident [$($life:lifetime)*]
        ($($argument:ident: $type:ty),*) -> $given:ty) => {
        fn $method<'store, $($life,)* 'future>(
            &'store $self,
            now: ::std::time::SystemTime,
            $($argument: $type,)*
        ) -> ::std::pin::Pin<::std::boxed::Box<
            dyn ::std::future::Future<Output = ::std::result::Result<$given, $crate::Error>>
                + ::std::marker::Send
                + 'future,
        >>
        where
            'store: 'future,
            $($life: 'future,)*
            Self: 'future,
        {
            use $crate::Store as _;
            $self.$($inner)+.$method(now, $($argument),*)
        }
    };
}

/// Writes the whole of [`Records`](crate::Records) for a wrapper: its type, and the field with the
/// store inside.
///
/// There is an example at [`delegate_store!`](crate::delegate_store).
#[macro_export]
macro_rules! delegate_records {
    ($wrapper:ty, $field:tt) => {
        #[$crate::async_trait]
        impl $crate::Records for $wrapper {
            async fn secret(
                &self,
                name: &str,
                fresh: &[u8],
            ) -> ::std::result::Result<Vec<u8>, $crate::Error> {
                self.$field.secret(name, fresh).await
            }

            async fn add_api_key(
                &self,
                key: &$crate::store::ApiKey,
            ) -> ::std::result::Result<(), $crate::Error> {
                self.$field.add_api_key(key).await
            }

            async fn api_keys(
                &self,
            ) -> ::std::result::Result<Vec<$crate::store::ApiKey>, $crate::Error> {
                self.$field.api_keys().await
            }

            async fn api_key(
                &self,
                hash: &[u8; 32],
            ) -> ::std::result::Result<Option<$crate::store::ApiKey>, $crate::Error> {
                self.$field.api_key(hash).await
            }

            async fn revoke_api_key(
                &self,
                now: ::std::time::SystemTime,
                id: &str,
            ) -> ::std::result::Result<bool, $crate::Error> {
                self.$field.revoke_api_key(now, id).await
            }

            async fn end_tokens(
                &self,
                now: ::std::time::SystemTime,
                user: &$crate::UserId,
            ) -> ::std::result::Result<(), $crate::Error> {
                self.$field.end_tokens(now, user).await
            }

            async fn tokens_ended_at(
                &self,
                user: &$crate::UserId,
            ) -> ::std::result::Result<Option<::std::time::SystemTime>, $crate::Error> {
                self.$field.tokens_ended_at(user).await
            }

            async fn lease(
                &self,
                now: ::std::time::SystemTime,
                name: &str,
                holder: &str,
                ttl: ::std::time::Duration,
                start: $crate::store::StartAt,
            ) -> ::std::result::Result<Option<i64>, $crate::Error> {
                self.$field.lease(now, name, holder, ttl, start).await
            }

            async fn advance(
                &self,
                now: ::std::time::SystemTime,
                name: &str,
                holder: &str,
                ttl: ::std::time::Duration,
                position: i64,
            ) -> ::std::result::Result<bool, $crate::Error> {
                self.$field.advance(now, name, holder, ttl, position).await
            }

            async fn release(
                &self,
                name: &str,
                holder: &str,
            ) -> ::std::result::Result<(), $crate::Error> {
                self.$field.release(name, holder).await
            }

            async fn use_once(
                &self,
                now: ::std::time::SystemTime,
                id: &[u8; 32],
                until: ::std::time::SystemTime,
            ) -> ::std::result::Result<bool, $crate::Error> {
                self.$field.use_once(now, id, until).await
            }

            async fn load(&self) -> ::std::result::Result<$crate::store::Load, $crate::Error> {
                self.$field.load().await
            }

            async fn days(
                &self,
                from: ::std::time::SystemTime,
            ) -> ::std::result::Result<Vec<$crate::store::Day>, $crate::Error> {
                self.$field.days(from).await
            }
        }
    };
}
