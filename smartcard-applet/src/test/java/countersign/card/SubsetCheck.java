package countersign.card;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Lists what a class file has that JavaCard 3.0.4 without int has not. */
final class SubsetCheck extends ClassVisitor {
  /** Where memory may be taken: all of these run once, at installation. */
  private static final Set<String> AT_INSTALLATION =
      Set.of("<init>", "<clinit>", "install", "bestHmac");

  private final List<String> faults = new ArrayList<>();
  private String className;

  private SubsetCheck() {
    super(Opcodes.ASM9);
  }

  static List<String> faults(byte[] classFile) {
    SubsetCheck check = new SubsetCheck();
    new ClassReader(classFile).accept(check, ClassReader.SKIP_FRAMES);
    return check.faults;
  }

  @Override
  public void visit(
      int version, int access, String name, String signature, String base, String[] interfaces) {
    className = name;
    requireAllowed("class", base);
  }

  @Override
  public FieldVisitor visitField(
      int access, String name, String descriptor, String signature, Object value) {
    requireCardType("field " + name, Type.getType(descriptor));
    return null;
  }

  @Override
  public MethodVisitor visitMethod(
      int access, String name, String descriptor, String signature, String[] exceptions) {
    for (Type argument : Type.getArgumentTypes(descriptor)) {
      requireCardType("method " + name, argument);
    }
    requireCardType("method " + name, Type.getReturnType(descriptor));
    return new Body(name);
  }

  private void requireCardType(String where, Type type) {
    Type element = type.getSort() == Type.ARRAY ? type.getElementType() : type;
    boolean allowed =
        switch (element.getSort()) {
          case Type.VOID, Type.BOOLEAN, Type.BYTE, Type.SHORT -> true;
          case Type.OBJECT -> isAllowed(element.getInternalName());
          default -> false;
        };
    boolean flat = type.getSort() != Type.ARRAY || type.getDimensions() == 1;
    if (!allowed || !flat) {
      fault(where + ": " + type.getDescriptor());
    }
  }

  private void requireAllowed(String where, String type) {
    if (!isAllowed(type)) {
      fault(where + " " + type);
    }
  }

  private static boolean isAllowed(String type) {
    return type.startsWith("countersign/card/")
        || type.startsWith("javacard/")
        || type.startsWith("javacardx/crypto/")
        || type.equals("java/lang/Object")
        || type.equals("java/lang/Throwable");
  }

  private void fault(String what) {
    faults.add(className + ": " + what);
  }

  private final class Body extends MethodVisitor {
    private final String method;

    Body(String method) {
      super(Opcodes.ASM9);
      this.method = method;
    }

    @Override
    public void visitLocalVariable(
        String name, String descriptor, String signature, Label start, Label end, int index) {
      requireCardType("variable " + name, Type.getType(descriptor));
    }

    @Override
    public void visitInsn(int opcode) {
      boolean wide =
          switch (opcode) {
            case Opcodes.IALOAD, Opcodes.IASTORE, Opcodes.I2L, Opcodes.I2F, Opcodes.I2D -> true;
            case Opcodes.I2C, Opcodes.CALOAD, Opcodes.CASTORE -> true;
            case Opcodes.LADD, Opcodes.FADD, Opcodes.DADD, Opcodes.LSUB, Opcodes.LMUL -> true;
            case Opcodes.MONITORENTER, Opcodes.MONITOREXIT -> true;
            default -> false;
          };
      if (wide) {
        fault("int or wider arithmetic, char or monitor in " + method + ": " + opcode);
      }
    }

    @Override
    public void visitIntInsn(int opcode, int operand) {
      if (opcode == Opcodes.NEWARRAY) {
        requireInstallation();
      }
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
      if (opcode == Opcodes.NEW || opcode == Opcodes.ANEWARRAY) {
        requireInstallation();
        requireAllowed("makes", type);
      }
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      requireAllowed("in " + method + " calls", owner);
      if (name.startsWith("makeTransient") || name.equals("getInstance")) {
        requireInstallation();
      }
    }

    @Override
    public void visitLdcInsn(Object value) {
      fault("constant " + value + " in " + method);
    }

    @Override
    public void visitInvokeDynamicInsn(
        String name, String descriptor, Handle bootstrap, Object... arguments) {
      fault("invokedynamic in " + method);
    }

    @Override
    public void visitMultiANewArrayInsn(String descriptor, int dimensions) {
      fault("array of arrays in " + method);
    }

    private void requireInstallation() {
      if (!AT_INSTALLATION.contains(method)) {
        fault("allocates in method " + method);
      }
    }
  }
}
