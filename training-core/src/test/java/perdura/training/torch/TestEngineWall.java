package perdura.training.torch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import perdura.training.wall.TrespassingCode;

/**
 * The build-time rule that keeps the engine's traps out of reach: number overloads whose scalar is freed under autograd,
 * copies that detach, storage that is re-pointed at Java's memory, the trainer, its losses, optimisers and blocks. Nobody
 * outside this package sees any type of the engine; inside it, the calls below are banned too.
 */
class TestEngineWall {
    private static final Set<String> BANNED_CALLS = Set.of(
            "mul",
            "muli",
            "div",
            "divi",
            "pow",
            "powi",
            "max",
            "maximum",
            "min",
            "minimum",
            "duplicate",
            "copyTo",
            "set",
            "toType",
            "getGradientFunctionNames",
            "newGradientCollector",
            "runMethod");

    private static final ArchRule WALL = noClasses()
            .that()
            .resideOutsideOfPackage("perdura.training.torch..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("ai.djl..", "com.sun.jna..")
            .because("every type of the engine has traps: perdura.training.torch is the only way to it");

    @Test
    void nobodyOutsideTheLayerSeesTheEngine() {
        WALL.check(new ClassFileImporter()
                .withImportOption(new DoNotIncludeTests())
                .importPackages("perdura"));
    }

    @Test
    void trespassingCodeIsCaught() {
        JavaClasses trespasser = new ClassFileImporter().importClasses(TrespassingCode.class);
        assertThatThrownBy(() -> WALL.check(trespasser))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("NDArray.mul(java.lang.Number)")
                .hasMessageContaining("NDArray.duplicate()");
    }

    @Test
    void theLayerItselfCallsNothingBanned() {
        JavaClasses layer = new ClassFileImporter()
                .withImportOption(new DoNotIncludeTests())
                .importPackages("perdura.training.torch");
        assertThat(layer).isNotEmpty();
        assertThat(bannedCalls(layer)).isEmpty();
    }

    @Test
    void bannedCallsAreFound() {
        assertThat(bannedCalls(new ClassFileImporter().importClasses(TrespassingCode.class)))
                .containsExactlyInAnyOrder("mul", "duplicate");
    }

    private static List<String> bannedCalls(JavaClasses classes) {
        return classes.stream()
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(call -> call.getTargetOwner().getPackageName().startsWith("ai.djl"))
                .map(JavaMethodCall::getName)
                .filter(BANNED_CALLS::contains)
                .toList();
    }
}
