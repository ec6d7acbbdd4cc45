//! Does what the command line says.

use std::sync::Arc;

use flickr_faces::{
    progress::Progress,
    steps::tagging::{Plan, RunEnd, Undo, Verified},
};
use flickr_faces_terminal::exit::{Exit, Failure};

use crate::{
    arguments::{Apply, Arguments, Command, Undo as UndoArguments, Verify},
    context::Context,
    export, json, messages,
};

pub(crate) async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let context = Context::open(arguments.common).await?;
    let command = (arguments.command).unwrap_or(Command::Apply(arguments.apply));
    let exit = match &command {
        Command::Plan(arguments) => apply(&context, arguments, true).await,
        Command::Apply(arguments) => apply(&context, arguments, arguments.dry_run).await,
        Command::Verify(arguments) => verify(&context, arguments).await,
        Command::Undo(arguments) => undo(&context, arguments).await,
        Command::Export(export) => export::run(&context, export).await,
    };
    context.bars.finish();
    context.store.close().await;
    exit
}

async fn apply(context: &Context, arguments: &Apply, is_plan: bool) -> Result<Exit, Failure> {
    let account = context.sign_in(&arguments.sign_in, is_plan).await?;
    let names = context.names(&arguments.names).await?;
    let selection = arguments.selection();
    let options = context.options(&names, &selection);
    let plan = Plan::compute(&options, &context.store, &account.flickr, &context.bars);
    let Some(plan) = account.reading(&context.bars, plan).await? else {
        return Ok(Exit::Stopped);
    };
    if is_plan {
        let time = account.flickr.client().least_time(plan.calls());
        let all = context.lists_all();
        context.print(
            || messages::plan(&plan, all, time),
            || json::plan(&plan, time),
        );
        return Ok(Exit::Done);
    }
    let progress: Arc<dyn Progress> = Arc::new(context.bars.clone());
    let summary = plan
        .apply(&context.store, &account.flickr, &progress, account.stop)
        .await?;
    context.print(
        || messages::summary(&plan, &summary),
        || json::summary(&plan, &summary),
    );
    let refused = plan.skipped().keys().any(|skip| skip.is_failure());
    Ok(exit(&summary.end, !refused))
}

async fn verify(context: &Context, arguments: &Verify) -> Result<Exit, Failure> {
    // What was removed is entered into the journal.
    let account = context.sign_in(&arguments.sign_in, false).await?;
    let names = context.names(&arguments.names).await?;
    let selection = arguments.selection();
    let options = context.options(&names, &selection);
    let verified = Verified::compute(&options, &context.store, &account.flickr, &context.bars);
    let Some(verified) = account.reading(&context.bars, verified).await? else {
        return Ok(Exit::Stopped);
    };
    context.print(
        || messages::verified(&verified),
        || json::verified(&verified),
    );
    let matches = verified.differences.is_empty() && verified.failed.is_empty();
    Ok(if matches {
        Exit::Done
    } else {
        Exit::SomeFailed
    })
}

async fn undo(context: &Context, arguments: &UndoArguments) -> Result<Exit, Failure> {
    let account = context
        .sign_in(&arguments.sign_in, arguments.is_plan())
        .await?;
    let names = match arguments.outdated {
        true => Some(context.names(&arguments.names).await?),
        // The journal alone says what was written, whatever has become of the names.
        false => None,
    };
    let undo = Undo::compute(&context.store, &arguments.selection(), names.as_ref()).await?;
    if arguments.is_plan() {
        let all = context.lists_all();
        context.print(
            || messages::undo_plan(&undo, all),
            || json::undo_plan(&undo),
        );
        return Ok(Exit::Done);
    }
    let progress: Arc<dyn Progress> = Arc::new(context.bars.clone());
    let undone = undo
        .apply(&context.store, &account.flickr, &progress, account.stop)
        .await?;
    context.print(
        || messages::undone(&undo, &undone),
        || json::undone(&undo, &undone),
    );
    Ok(exit(&undone.end, undone.still_there.is_empty()))
}

/// `whole` is whether everything that was asked for is done, failures aside.
fn exit(end: &RunEnd, whole: bool) -> Exit {
    match end.stopped {
        true => Exit::Stopped,
        false if !whole || !end.failed.is_empty() => Exit::SomeFailed,
        false => Exit::Done,
    }
}
