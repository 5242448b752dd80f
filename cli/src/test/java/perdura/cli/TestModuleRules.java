package perdura.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of docs/architecture.md, over all modules at once. */
@AnalyzeClasses(packages = "perdura", importOptions = DoNotIncludeTests.class)
class TestModuleRules {
    @ArchTest
    static final ArchRule DATA_SETS_KNOW_THE_SHARED_WORDS_ONLY = noClasses()
            .that()
            .resideInAPackage("perdura.datasets..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "ai.djl..",
                    "io.temporal..",
                    "java.sql..",
                    "perdura.grids.read..",
                    "perdura.training..",
                    "perdura.store..",
                    "perdura.workflows..",
                    "perdura.experiments..",
                    "perdura.activities..");

    @ArchTest
    static final ArchRule TRAINING_KNOWS_NEITHER_TEMPORAL_NOR_THE_STORE = noClasses()
            .that()
            .resideInAPackage("perdura.training..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.temporal..",
                    "java.sql..",
                    "perdura.store..",
                    "perdura.workflows..",
                    "perdura.experiments..",
                    "perdura.activities..");

    @ArchTest
    static final ArchRule WORKFLOWS_KNOW_NEITHER_DJL_NOR_THE_STORE = noClasses()
            .that()
            .resideInAPackage("perdura.workflows..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "ai.djl..",
                    "java.sql..",
                    "perdura.store..",
                    "perdura.training..",
                    "perdura.experiments..",
                    "perdura.activities..");

    @ArchTest
    static final ArchRule THE_STORE_KNOWS_NEITHER_DJL_NOR_TEMPORAL = noClasses()
            .that()
            .resideInAPackage("perdura.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "ai.djl..", "io.temporal..", "perdura.training..", "perdura.workflows..", "perdura.experiments..");

    @ArchTest
    static final ArchRule EXPERIMENTS_SERVE_EVERY_FRONT_END = noClasses()
            .that()
            .resideInAPackage("perdura.experiments..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "picocli..", "perdura.activities..");

    @ArchTest
    static final ArchRule ONLY_COMMANDS_AND_BENCHMARKS_MAKE_SYNTHETIC_DATA = noClasses()
            .that()
            .resideOutsideOfPackages("perdura.datasets.synth", "perdura.cli..", "perdura.benchmarks..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("perdura.datasets.synth");

    @ArchTest
    static final ArchRule NOBODY_KNOWS_THE_COMMAND_LINE = noClasses()
            .that()
            .resideOutsideOfPackages("perdura.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("perdura.cli..");

    @ArchTest
    static final ArchRule ONLY_THE_UPPER_MODULES_READ_SPECS = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "perdura.experiments..",
                    "perdura.activities..",
                    "perdura.cli..",
                    "perdura.training.method",
                    "perdura.training.tasks", // what a task says of a pre-training, by the keys of its spec
                    "perdura.training.tasks.pretrain",
                    "perdura.grids.read",
                    "perdura.benchmarks",
                    "perdura.toy")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("perdura.grids.read");

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("perdura.(**)").should().beFreeOfCycles();
}
