//! Does what the command line says.

use std::sync::Arc;

use flickr_faces::{
    progress::Progress,
    steps::StepError,
    steps::tagging::{Plan, RunEnd, Summary, Undo, Undone, Verified},
};
use flickr_faces_terminal::{
    exit::{Exit, Failure},
    signals::unless_stopped,
};

use crate::{
    arguments::{Apply, Arguments, Command, Undo as UndoArguments, Verify},
    context::{Context, SignedIn},
    export, json, messages, plans,
};

pub(crate) async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let Some(context) = Context::open(arguments.common).await? else {
        return Ok(Exit::Stopped);
    };
    let command = (arguments.command).unwrap_or(Command::Apply(arguments.apply));
    let exit = match &command {
        Command::Plan(arguments) => apply(&context, arguments, true).await,
        Command::Apply(arguments) => apply(&context, arguments, arguments.dry_run).await,
        Command::Verify(arguments) => verify(&context, arguments).await,
        Command::Undo(arguments) => undo(&context, arguments).await,
        Command::Export(export) => {
            let exported = unless_stopped(&context.stop, export::run(&context, export)).await;
            exported.map(|exit| exit.unwrap_or(Exit::Stopped))
        }
    };
    context.bars.finish();
    context.store.close().await;
    exit
}

async fn apply(context: &Context, arguments: &Apply, is_plan: bool) -> Result<Exit, Failure> {
    let (account, plan) = match prepare(context, arguments, is_plan).await {
        Ok(Some(prepared)) => prepared,
        other => {
            let nothing = json::summary(&Plan::default(), &Summary::default());
            return context.ended_before(other.err(), "written", nothing);
        }
    };
    if is_plan {
        let layout = context.layout(&account.flickr, arguments.full);
        context.print(
            || plans::plan(&plan, &layout),
            || json::plan(&plan, &account.flickr),
        );
        return Ok(Exit::Done);
    }
    let pages = context.layout(&account.flickr, arguments.full).pages();
    let progress: Arc<dyn Progress> = Arc::new(context.bars.clone());
    let summary = plan
        .apply(&context.store, &account.flickr, &progress, account.stop)
        .await;
    context.print(
        || messages::summary(&plan, &summary, pages),
        || json::summary(&plan, &summary),
    );
    let refused = plan.exceptions().keys().any(|kind| kind.is_failure());
    exit(summary.end, !refused)
}

/// The account and what is to be written; `None` where the person stopped it.
async fn prepare(
    context: &Context,
    arguments: &Apply,
    is_plan: bool,
) -> Result<Option<(SignedIn, Plan)>, Failure> {
    // Before anybody is asked to sign in for nothing.
    context.has_names(&arguments.names).await?;
    let Some(account) = context.sign_in(&arguments.sign_in, is_plan).await? else {
        return Ok(None);
    };
    // Not refused: the names may be written. But what is there by an earlier store's hand counts as the owner's.
    match context.knows_writes().await {
        Err(error @ StepError::LostStore { .. }) => {
            context.bars.say(&format!("warning: {error}"));
        }
        other => other?,
    }
    let names = context.names(&arguments.names).await?;
    let selection = arguments.selection();
    let options = context.options(&names, &selection);
    let plan = Plan::compute(&options, &context.store, &account.flickr, &context.bars);
    let plan = unless_stopped(&account.stop, plan).await?;
    Ok(plan.map(|plan| (account, plan)))
}

async fn verify(context: &Context, arguments: &Verify) -> Result<Exit, Failure> {
    match compare(context, arguments).await {
        Ok(Some(verified)) => {
            context.print(
                || messages::verified(&verified),
                || json::verified(&verified),
            );
            let matches = verified.differences.is_empty();
            exit(verified.end, matches)
        }
        other => {
            let nothing = json::verified(&Verified::default());
            context.ended_before(other.err(), "compared", nothing)
        }
    }
}

async fn compare(context: &Context, arguments: &Verify) -> Result<Option<Verified>, Failure> {
    // What was removed is entered into the journal.
    let Some(account) = context.sign_in(&arguments.sign_in, false).await? else {
        return Ok(None);
    };
    context.knows_writes().await?;
    let names = context.names(&arguments.names).await?;
    let selection = arguments.selection();
    let options = context.options(&names, &selection);
    let verified = Verified::compute(&options, &context.store, &account.flickr, &context.bars);
    let verified = async { Ok::<_, Failure>(verified.await) };
    unless_stopped(&account.stop, verified).await
}

async fn undo(context: &Context, arguments: &UndoArguments) -> Result<Exit, Failure> {
    let (account, undo) = match prepare_undo(context, arguments).await {
        Ok(Some(prepared)) => prepared,
        other => {
            let nothing = json::undone(&Undo::default(), &Undone::default());
            return context.ended_before(other.err(), "removed", nothing);
        }
    };
    if arguments.is_plan() {
        let layout = context.layout(&account.flickr, arguments.full);
        context.print(
            || plans::undo(&undo, &layout),
            || json::undo_plan(&undo, &account.flickr),
        );
        return Ok(Exit::Done);
    }
    let pages = context.layout(&account.flickr, arguments.full).pages();
    let progress: Arc<dyn Progress> = Arc::new(context.bars.clone());
    let undone = undo
        .apply(&context.store, &account.flickr, &progress, account.stop)
        .await;
    context.print(
        || messages::undone(&undo, &undone, pages),
        || json::undone(&undo, &undone),
    );
    let whole = undone.still_there.is_empty();
    exit(undone.end, whole)
}

async fn prepare_undo(
    context: &Context,
    arguments: &UndoArguments,
) -> Result<Option<(SignedIn, Undo)>, Failure> {
    let Some(account) = context
        .sign_in(&arguments.sign_in, arguments.is_plan())
        .await?
    else {
        return Ok(None);
    };
    if let Some(file) = &arguments.journal {
        context.learn(file, &account).await?;
    }
    context.knows_writes().await?;
    let names = match arguments.outdated {
        true => Some(context.names(&arguments.names).await?),
        // The journal alone says what was written, whatever has become of the names.
        false => None,
    };
    let (store, selection) = (&context.store, arguments.selection());
    let mut undo = Undo::compute(store, &selection, names.as_ref()).await?;
    if arguments.public {
        let kept = undo.keep_public(store, &account.flickr, &context.bars);
        if unless_stopped(&account.stop, kept).await?.is_none() {
            return Ok(None);
        }
    }
    Ok(Some((account, undo)))
}

/// `whole` is whether everything that was asked for is done, failures aside.
fn exit(end: RunEnd, whole: bool) -> Result<Exit, Failure> {
    match end.error {
        Some(error) => Err(error.into()),
        None if end.stopped => Ok(Exit::Stopped),
        None if !whole || !end.failed.is_empty() => Ok(Exit::SomeFailed),
        None => Ok(Exit::Done),
    }
}
