use tokio::sync::watch;

/// Whether the process was told to stop. Clones are told too.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens for Ctrl-C, and SIGTERM from a service manager, from now on.
    pub(crate) fn on_signal() -> Self {
        let (tell, told) = watch::channel(false);
        tokio::spawn(async move {
            signal().await;
            tracing::info!("told to stop");
            let _ = tell.send(true);
        });
        Self(told)
    }

    /// Waits for it.
    pub(crate) async fn told(mut self) {
        // An error means that the task above is gone, and no signal can come any more.
        let _ = self.0.wait_for(|is_told| *is_told).await;
    }
}

async fn signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}
