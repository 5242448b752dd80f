package perdura.workflows;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Workflow code has no clock, random, thread, IO or JDBC of its own, and sees only the shared words and Temporal. */
class TestModuleRules {
    /** Calls whose answer differs between an execution and its replay. */
    private static final Set<String> UNREPEATABLE = Set.of(
            "java.lang.System.currentTimeMillis",
            "java.lang.System.nanoTime",
            "java.lang.System.getenv",
            "java.lang.System.getProperty",
            "java.lang.System.identityHashCode",
            "java.lang.Math.random",
            "java.util.UUID.randomUUID",
            "java.util.Map.of",
            "java.util.Map.copyOf",
            "java.util.Set.of",
            "java.util.Set.copyOf");

    private static final ArchRule SEES_ONLY_THE_SHARED_WORDS_AND_TEMPORAL = classes()
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "perdura.workflows",
                    "perdura.grids.spec",
                    "io.temporal..",
                    "com.fasterxml.jackson.annotation", // words of payloads
                    "java.lang..",
                    "java.util",
                    "java.util.concurrent.atomic",
                    "java.util.function",
                    "java.util.stream",
                    "java.time",
                    "org.jspecify.annotations"));

    private static final ArchRule IS_REPEATABLE = noClasses().should(callUnrepeatable());

    private static final ArchRule HAS_NO_STATIC_STATE =
            fields().that().areStatic().should().beFinal();

    private final JavaClasses module = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("perdura.workflows");

    @Test
    void seesOnlyTheSharedWordsAndTemporal() {
        SEES_ONLY_THE_SHARED_WORDS_AND_TEMPORAL.check(module);
    }

    @Test
    void callsNothingThatAReplayWouldAnswerDifferently() {
        IS_REPEATABLE.check(module);
    }

    @Test
    void hasNoStaticState() {
        HAS_NO_STATIC_STATE.check(module);
    }

    @Test
    void theRuleSeesAClockARandomAndAThread() {
        JavaClasses broken = new ClassFileImporter().importClasses(Broken.class);

        assertThat(IS_REPEATABLE.evaluate(broken).getFailureReport().getDetails())
                .hasSize(4);
    }

    private static ArchCondition<JavaClass> callUnrepeatable() {
        return new ArchCondition<>("call what a replay would answer differently") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                item.getCodeUnitAccessesFromSelf().stream()
                        .filter(call -> isUnrepeatable(call.getTargetOwner(), call.getName()))
                        .forEach(call -> events.add(SimpleConditionEvent.satisfied(call, call.getDescription())));
            }
        };
    }

    private static boolean isUnrepeatable(JavaClass owner, String name) {
        return UNREPEATABLE.contains(owner.getName() + "." + name)
                || (owner.getPackageName().equals("java.time") && name.equals("now"))
                || name.equals("parallelStream")
                || name.equals("parallel")
                || Stream.of(Thread.class, Random.class).anyMatch(owner::isAssignableTo)
                || owner.getPackageName().equals("java.util.concurrent");
    }

    /** What a workflow must not do. */
    static final class Broken {
        private final AtomicReference<Object> seen = new AtomicReference<>();

        void run() {
            seen.set(Instant.now());
            seen.set(new Random());
            seen.set(Thread.currentThread());
            seen.set(Stream.of(1).parallel());
        }
    }
}
