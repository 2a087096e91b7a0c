use clap::Args;

/// What signs users' tokens, for whoever makes or reads them. `settings` knows it by its name.
#[derive(Args, Debug)]
pub(super) struct TokenSecrets {
    /// A secret that signs users' tokens, at least 32 bytes; repeat it for one that was used before
    /// and whose tokens are still live [default: one made on first start and kept in the database]
    #[arg(long = "token-secret", value_name = "SECRET", value_delimiter = ',')]
    pub(super) secrets: Vec<String>,
}
